using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;

namespace Cencori.Edge.Tests.Memory;

/// <summary>Namespaces and entries through the endpoints that Cencori's clients use, on both databases.</summary>
public sealed class MemoryApiTests
{
    private static readonly string[] Tags = ["red", "blue"];
    private static readonly string LongWord = new('x', 400);

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_stored_entry_can_be_found_read_and_deleted(string system)
    {
        await using var database = await DatabaseEdge.StartAsync(system);
        var client = await MemoryClient.CreateAsync(database.Edge);

        var space = await client.CreateAsync("conversations", new { description = "What was said", metadata = new { team = "a" }, dimensions = 128 });
        Assert.StartsWith("mns_", (string)space["id"]!, StringComparison.Ordinal);
        Assert.Equal(("conversations", "What was said", "text-embedding-3-small", 128, "a"), ((string)space["name"]!, (string)space["description"]!, (string)space["embeddingModel"]!, (int)space["dimensions"]!, (string)space["metadata"]!["team"]!));

        var stored = await client.CallAsync(HttpMethod.Post, "/store", new { @namespace = "conversations", content = "The invoice is due on Friday.", metadata = new { user = "u1", tags = Tags } }, 201);
        Assert.Equal(("conversations", true, "u1"), ((string)stored["namespace"]!, (bool)stored["embedded"]!, (string)stored["metadata"]!["user"]!));
        await client.StoreAsync("conversations", "Paris is the capital of France.");
        var id = (string)stored["id"]!;
        Assert.StartsWith("mem_", id, StringComparison.Ordinal);

        var response = await client.CallAsync(HttpMethod.Post, "/search", new { @namespace = "conversations", query = "The invoice is due on Friday." });
        var found = Assert.Single(response["results"]!.AsArray())!;
        Assert.Equal((id, 1, "conversations"), ((string)found["id"]!, (int)response["count"]!, (string)response["namespace"]!));
        Assert.InRange((double)found["similarity"]!, 0.9999, 1);
        Assert.True((long)response["latencyMs"]! >= 0);

        // The id of the namespace works like its name.
        Assert.Single(await client.SearchAsync((string)space["id"]!, "The invoice is due on Friday.", new { threshold = 0.99 }));

        var read = await client.CallAsync(HttpMethod.Get, $"/{id}");
        Assert.Equal(("The invoice is due on Friday.", null), ((string)read["content"]!, read["expiresAt"]));
        var listed = Assert.Single((await client.CallAsync(HttpMethod.Get, "/namespaces"))["namespaces"]!.AsArray())!;
        Assert.Equal(2, (int)listed["memoryCount"]!);

        Assert.True((bool)(await client.CallAsync(HttpMethod.Delete, $"/{id}"))["deleted"]!);
        Assert.Equal("NOT_FOUND", (await client.SendAsync(HttpMethod.Get, $"/{id}").FlatErrorAsync()).Code);
        Assert.Equal("NOT_FOUND", (await client.SendAsync(HttpMethod.Delete, $"/{id}").FlatErrorAsync()).Code);
        Assert.DoesNotContain(await client.SearchAsync("conversations", "The invoice is due on Friday."), result => (string)result!["id"]! == id);
        Assert.DoesNotContain(await client.SearchAsync("conversations", "invoice", new { order = "text" }), result => (string)result!["id"]! == id);
        Assert.Equal(1, await client.CountAsync("conversations"));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Text_search_ranks_rare_words_first_and_a_blended_search_combines_both_orders(string system)
    {
        await using var database = await DatabaseEdge.StartAsync(system);
        var client = await MemoryClient.CreateAsync(database.Edge);
        await client.CreateAsync("notes");
        foreach (var content in (string[])["The cat sat on the mat.", "The dog sat in the car.", "The engine of the car is broken.", "Ünïcode café costs 3.50 at foo-bar.com", "日本語のメモ", $"token {LongWord}"])
        {
            await client.StoreAsync("notes", content);
        }

        var text = await client.SearchAsync("notes", "the broken engine", new { order = "text" });
        Assert.Equal("The engine of the car is broken.", (string)text[0]!["content"]!);
        Assert.Equal(1, (double)text[0]!["similarity"]!);
        Assert.Equal(3, text.Count);
        Assert.Empty(await client.SearchAsync("notes", "zebra", new { order = "text" }));
        Assert.Single(await client.SearchAsync("notes", "CAFÉ", new { order = "text" }));
        Assert.Single(await client.SearchAsync("notes", "bar.com", new { order = "text" }));
        Assert.Single(await client.SearchAsync("notes", LongWord, new { order = "text" }));
        Assert.Empty(await client.SearchAsync("notes", "\" OR ' | & ! ( * -- \\", new { order = "text" }));

        var blended = await client.SearchAsync("notes", "the broken engine", new { order = "blended", threshold = 0 });
        Assert.Equal("The engine of the car is broken.", (string)blended[0]!["content"]!);
        Assert.Equal(6, blended.Count);
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_batch_is_stored_whole_and_a_repeated_batch_adds_nothing(string system)
    {
        await using var database = await DatabaseEdge.StartAsync(system);
        var client = await MemoryClient.CreateAsync(database.Edge);
        await client.CreateAsync("batch");
        var items = Enumerable.Range(0, 100).Select(i => new { id = $"mem_{i:D4}", content = $"entry number {i}", metadata = new { i } }).ToList();
        for (var times = 0; times < 2; times++)
        {
            var response = await client.CallAsync(HttpMethod.Post, "/store", new { @namespace = "batch", items }, 201);
            Assert.Equal((100, 100), ((int)response["count"]!, response["memories"]!.AsArray().Count(memory => (bool)memory!["embedded"]!)));
            Assert.Equal(100, await client.CountAsync("batch"));
        }

        // One entry conflicts, so none is stored.
        var changed = new object[] { new { content = "new" }, new { id = "mem_0001", content = "other" } };
        Assert.Equal("CONFLICT", (await client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "batch", items = changed }).FlatErrorAsync()).Code);
        Assert.Equal(100, await client.CountAsync("batch"));

        var lines = await ReadAsync(await client.SendAsync(HttpMethod.Get, "/namespaces/batch/export"));
        Assert.Equal(100, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await client.CallAsync(HttpMethod.Delete, "/namespaces/batch");
        await client.CreateAsync("batch");
        Assert.Equal(0, await client.CountAsync("batch"));
        var imported = await client.CallAsync(HttpMethod.Post, "/namespaces/batch/import", lines);
        Assert.Equal((100, 100), ((int)imported["count"]!, (int)imported["embedded"]!));
        Assert.Equal(lines, await ReadAsync(await client.SendAsync(HttpMethod.Get, "/namespaces/batch/export")));
        Assert.Equal(100, (await client.SearchAsync("batch", "*")).Count);
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_filter_applies_before_the_best_results_are_chosen(string system)
    {
        await using var database = await DatabaseEdge.StartAsync(system);
        var client = await MemoryClient.CreateAsync(database.Edge);
        await client.CreateAsync("filtered");
        var items = Enumerable.Range(0, 100).Select(i => new { content = i < 98 ? "the same words as the question" : $"something else {i}", metadata = new { rare = i >= 98, n = i, tags = new[] { $"t{i % 10}", "all" } } });
        await client.CallAsync(HttpMethod.Post, "/store", new { @namespace = "filtered", items }, 201);
        foreach (var order in (string[])["vector", "blended"])
        {
            var rare = await client.SearchAsync("filtered", "the same words as the question", new { limit = 5, threshold = 0, order, filter = new { rare = true } });
            Assert.Equal(2, rare.Count);
        }

        Assert.Equal(2, (await client.SearchAsync("filtered", "something", new { limit = 5, order = "text", filter = new { rare = true } })).Count);
        Assert.Equal(3, (await client.SearchAsync("filtered", "x", new { limit = 50, threshold = 0, filter = new { n = new { @in = new[] { 3, 4, 5, 500 } } } })).Count);
        Assert.Equal(10, (await client.SearchAsync("filtered", "x", new { limit = 50, threshold = 0, filter = new { tags = "t3" } })).Count);
        Assert.Empty(await client.SearchAsync("filtered", "x", new { limit = 50, threshold = 0, filter = new { tags = "t3", n = 4 } }));
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            Assert.Equal(200, (int)response.StatusCode);
            return await response.Content.ReadAsStringAsync();
        }
    }
}
