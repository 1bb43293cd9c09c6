using System.Globalization;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Memory;

/// <summary>Embedding is a request of the project: it uses the project's provider, limits, records and policies, and handles provider failures.</summary>
public sealed class MemoryPipelineTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly ScriptedProvider _provider = new();
    private RunningEdge _edge = null!;
    private string _project = null!;
    private MemoryClient _client = null!;

    public async Task InitializeAsync()
    {
        _edge = await RunningEdge.StartAsync(_provider);
        _project = await _edge.CreateProjectAsync("openai");
        _client = new(_edge, await _edge.CreateKeyAsync(_project));
        Embed();
        await _client.CreateAsync("notes", new { embeddingModel = "text-embedding-3-small", dimensions = 4 });
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task Embedding_uses_the_projects_provider_and_credential_and_is_recorded_as_memory()
    {
        await _client.StoreAsync("notes", "something to keep");
        var request = _provider.Requests.Last();
        Assert.Equal(("/v1/embeddings", $"Bearer {RunningEdge.ProviderKey}"), (request.Target, Assert.Single(request.Values("Authorization"))));
        var sent = JsonNode.Parse(request.BodyText)!;
        Assert.Equal(("text-embedding-3-small", "something to keep", 4), ((string)sent["model"]!, (string)sent["input"]![0]!, (int)sent["dimensions"]!));

        await _client.SearchAsync("notes", "something");
        await Eventually.IsTrueAsync(async () =>
        {
            var logs = await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{_project}/logs");
            return logs["requests"]!.AsArray().Count(row => (string?)row!["endpoint"] == "memory" && (int)row["prompt_tokens"]! == 3 && (string?)row["app"] == "memory") == 2;
        });
    }

    [Fact]
    public async Task Above_the_projects_limits_nothing_is_stored()
    {
        await _edge.SetLimitsAsync(_project, new { requests_per_minute = 2, burst = 2 });
        await _client.StoreAsync("notes", "one");
        await _client.StoreAsync("notes", "two");
        var error = await _client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "notes", content = "three" }).FlatErrorAsync();
        Assert.Equal((429, "RATE_LIMIT_EXCEEDED"), (error.Status, error.Code));
        Assert.NotNull(error.Header("Retry-After"));
        Assert.Equal(429, (await _client.SendAsync(HttpMethod.Get, "/namespaces").FlatErrorAsync()).Status);
        await _edge.SetLimitsAsync(_project, new { });
        Assert.Equal(2, await _client.CountAsync("notes"));
    }

    [Fact]
    public async Task Storing_an_existing_entry_again_counts_as_a_request()
    {
        await _client.StoreAsync("notes", "one", new { id = "mem_one" });
        await _edge.SetLimitsAsync(_project, new { requests_per_minute = 2, burst = 2 });
        await _client.StoreAsync("notes", "one", new { id = "mem_one" });
        await _client.StoreAsync("notes", "one", new { id = "mem_one" });
        var error = await _client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "notes", content = "one", id = "mem_one" }).FlatErrorAsync();
        Assert.Equal((429, "RATE_LIMIT_EXCEEDED"), (error.Status, error.Code));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(401)]
    [InlineData(402)]
    [InlineData(403)]
    [InlineData(409)]
    [InlineData(425)]
    [InlineData(-1)]
    public async Task An_entry_that_cannot_be_embedded_now_is_stored_found_by_words_and_embedded_later(int status)
    {
        _provider.Respond((_, response) => status < 0 ? response.ResetAsync() : response.JsonAsync(status, "{\"error\":{\"message\":\"away\"}}"));
        var stored = await _client.CallAsync(HttpMethod.Post, "/store", new { @namespace = "notes", content = "the blue bicycle is in the cellar" }, 201);
        Assert.False((bool)stored["embedded"]!);
        var edgeResponse = await _client.CallAsync(HttpMethod.Post, "/search", new { @namespace = "notes", query = "blue bicycle" });
        Assert.Equal(("text", 1), ((string)edgeResponse["order"]!, (int)edgeResponse["count"]!));
        Assert.Single(await _client.SearchAsync("notes", "*"));

        Embed();
        edgeResponse = await _client.CallAsync(HttpMethod.Post, "/search", new { @namespace = "notes", query = "blue bicycle" });
        Assert.Equal(("vector", 1, 1.0), ((string)edgeResponse["order"]!, (int)edgeResponse["count"]!, (double)edgeResponse["results"]![0]!["similarity"]!));
        await _edge.UpkeepAsync();
        Assert.True((bool)(await _client.CallAsync(HttpMethod.Get, $"/{(string)stored["id"]!}"))["embedded"]!);
        Assert.Single(await _client.SearchAsync("notes", "another question", new { threshold = 0.99 }));
    }

    [Fact]
    public async Task Without_a_threshold_a_blended_search_also_finds_entries_without_a_vector()
    {
        await _client.StoreAsync("notes", "near");
        _provider.Respond((_, response) => response.JsonAsync(500, "{}"));
        await _client.StoreAsync("notes", "without");
        foreach (var limit in (int[])[1000, 1])
        {
            var found = await _client.SearchAsync("notes", "*", new { threshold = 0, order = "blended", limit, embedding = (int[])[1, 2, 3, 4] });
            Assert.Equal(((string[])["near", "without"]).Take(limit), found.Select(one => (string)one!["content"]!));
        }
    }

    [Fact]
    public async Task An_entry_that_the_provider_rejects_is_not_stored()
    {
        _provider.Respond((_, response) => response.JsonAsync(400, "{\"error\":{\"message\":\"too long\"}}"));
        Assert.Equal(400, (await _client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "notes", content = "a" }).FlatErrorAsync()).Status);
        Assert.Equal(0, await _client.CountAsync("notes"));
    }

    [Fact]
    public async Task Vectors_of_a_wrong_length_are_refused_with_both_lengths()
    {
        await _client.CreateAsync("other", new { dimensions = 5 });
        var error = await _client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "other", content = "a" }).FlatErrorAsync();
        Assert.Equal(400, error.Status);
        Assert.Contains("4 numbers", error.Message, StringComparison.Ordinal);
        Assert.Contains("have 5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_without_a_credential_gets_an_error()
    {
        var client = new MemoryClient(_edge, await _edge.CreateKeyAsync(await _edge.CreateProjectAsync()));
        await client.CreateAsync("notes");
        Assert.Equal((400, "PROVIDER_NOT_CONFIGURED"), await client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "notes", content = "a" }).FlatErrorAsync() is var error ? (error.Status, error.Code) : default);
        await client.StoreAsync("notes", "brings its own vector", new { embedding = Enumerable.Range(1, 64) });
    }

    [Fact]
    public async Task Masked_text_is_stored_masked_and_blocked_text_is_not_stored()
    {
        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{_project}/policies", new
        {
            rules = new object[]
            {
                new { name = "mail", kind = "email", action = "mask" },
                new { name = "secret word", kind = "words", words = new[] { "xylophone" }, action = "block" },
            },
        });
        var stored = await _client.CallAsync(HttpMethod.Post, "/store", new { @namespace = "notes", content = "write to anna@example.com", metadata = new { from = "bob@example.com" } }, 201);
        Assert.DoesNotContain("@example", stored.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("@example", _provider.Requests.Last().BodyText, StringComparison.Ordinal);
        var error = await _client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "notes", content = "play the xylophone" }).FlatErrorAsync();
        Assert.Equal((400, "POLICY_VIOLATION"), (error.Status, error.Code));
        Assert.Equal(1, await _client.CountAsync("notes"));
    }

    [Fact]
    public async Task Reembedding_keeps_the_old_vectors_searchable_until_the_new_ones_are_complete()
    {
        for (var i = 0; i < 70; i++)
        {
            await _client.StoreAsync("notes", $"entry {i}", new { embedding = (int[])[1, 2, 3, 4 + i] });
        }

        // The provider fails in the middle, and finished vectors stay. The round may be started by this test or by the request itself.
        var requested = 0;
        _provider.Respond((request, response) => request.BodyText.Contains("-3-large", StringComparison.Ordinal) && Interlocked.Increment(ref requested) <= 2 ? response.JsonAsync(200, Vectors(request.BodyText, 6)) : response.JsonAsync(500, "{}"));
        var begun = await _client.CallAsync(HttpMethod.Post, "/namespaces/notes/reembed", new { embeddingModel = "text-embedding-3-large", dimensions = 6 }, 202);
        Assert.Equal(("text-embedding-3-small", "text-embedding-3-large", 70), ((string)begun["embeddingModel"]!, (string)begun["reembedding"]!["embeddingModel"]!, (int)begun["reembedding"]!["total"]!));
        Assert.Equal(70, (await _client.SearchAsync("notes", "*")).Count);

        await Eventually.IsTrueAsync(async () => (await _client.CallAsync(HttpMethod.Get, "/namespaces/notes"))["embeddingFault"] is not null);
        var half = await _client.CallAsync(HttpMethod.Get, "/namespaces/notes");
        Assert.Equal((64, 70), ((int)half["reembedding"]!["done"]!, (int)half["reembedding"]!["total"]!));
        Assert.NotNull(half["embeddingFault"]);

        Embed(6);
        await _client.CallAsync(HttpMethod.Post, "/namespaces/notes/reembed", new { embeddingModel = "text-embedding-3-large", dimensions = 6 }, 202);
        await Eventually.IsTrueAsync(async () => (await _client.CallAsync(HttpMethod.Get, "/namespaces/notes"))["reembedding"] is null);
        var done = await _client.CallAsync(HttpMethod.Get, "/namespaces/notes");
        Assert.Equal(("text-embedding-3-large", 6, 70), ((string)done["embeddingModel"]!, (int)done["dimensions"]!, (int)done["memoryCount"]!));
        Assert.Equal(70, (await _client.SearchAsync("notes", "*")).Count);
        Assert.Equal("embedding", (await _client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "notes", content = "a", embedding = (int[])[1, 2, 3, 4] }).FlatErrorAsync()).Param);
    }

    [Fact]
    public async Task A_model_that_no_longer_embeds_can_be_replaced()
    {
        _provider.Respond((request, response) => request.BodyText.Contains("-3-large", StringComparison.Ordinal) ? response.JsonAsync(200, Vectors(request.BodyText, 6)) : response.JsonAsync(500, "{}"));
        await _client.StoreAsync("notes", "an entry");
        await _client.CallAsync(HttpMethod.Post, "/namespaces/notes/reembed", new { embeddingModel = "text-embedding-3-large", dimensions = 6 }, 202);
        await Eventually.IsTrueAsync(async () => (await _client.CallAsync(HttpMethod.Get, "/namespaces/notes"))["reembedding"] is null);
        Assert.Equal("text-embedding-3-large", (string)(await _client.CallAsync(HttpMethod.Get, "/namespaces/notes"))["embeddingModel"]!);
        Assert.Single(await _client.SearchAsync("notes", "a question", new { threshold = 0.99 }));
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(400, false)]
    [InlineData(403, true)]
    [InlineData(405, true)]
    public async Task A_model_that_refuses_every_text_does_not_replace_the_old_vectors(int status, bool alsoTheProbe)
    {
        for (var i = 0; i < 5; i++)
        {
            await _client.StoreAsync("notes", $"entry {i}", new { embedding = (int[])[1, 2, 3, 4 + i] });
        }

        // The first request checks the model before the entries are embedded.
        var requested = 0;
        _provider.Respond((request, response) => Interlocked.Increment(ref requested) > 1 && (alsoTheProbe || request.BodyText.Contains("entry", StringComparison.Ordinal))
            ? response.JsonAsync(status, "{}") : response.JsonAsync(200, Vectors(request.BodyText, 6)));
        await _client.CallAsync(HttpMethod.Post, "/namespaces/notes/reembed", new { embeddingModel = "text-embedding-3-large", dimensions = 6 }, 202);
        await Eventually.IsTrueAsync(async () => (await _client.CallAsync(HttpMethod.Get, "/namespaces/notes"))["embeddingFault"] is not null);
        await _edge.UpkeepAsync();

        var space = await _client.CallAsync(HttpMethod.Get, "/namespaces/notes");
        Assert.Equal(("text-embedding-3-small", "text-embedding-3-large"), ((string)space["embeddingModel"]!, (string)space["reembedding"]!["embeddingModel"]!));
        Assert.Equal(5, (await _client.SearchAsync("notes", "x", new { threshold = 0.9, limit = 1000, embedding = (int[])[1, 2, 3, 4] })).Count);
    }

    [Fact]
    public async Task Existing_entries_are_not_embedded_again()
    {
        var items = Enumerable.Range(0, 5).Select(i => new { id = $"mem_{i}", content = $"entry {i}" }).ToList();
        await _client.CallAsync(HttpMethod.Post, "/store", new { @namespace = "notes", items }, 201);
        var lines = string.Join('\n', Enumerable.Range(0, 5).Select(i => $$"""{"content":"line {{i % 2}}"}"""));
        var first = await _client.CallAsync(HttpMethod.Post, "/namespaces/notes/import", lines);
        Assert.Equal((5, 10), ((int)first["count"]!, await _client.CountAsync("notes")));

        var requested = _provider.Requests.Count;
        await _client.CallAsync(HttpMethod.Post, "/store", new { @namespace = "notes", items }, 201);
        await _client.CallAsync(HttpMethod.Post, "/namespaces/notes/import", lines);
        Assert.Equal(409, (await _client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "notes", items = new[] { new { id = "mem_new", content = "new" }, new { id = "mem_0", content = "other" } } }).FlatErrorAsync()).Status);
        Assert.Equal((requested, 10), (_provider.Requests.Count, await _client.CountAsync("notes")));
    }

    [Fact]
    public async Task Paid_vectors_are_stored_when_the_rest_of_a_batch_cannot_be_embedded()
    {
        var requested = 0;
        _provider.Respond((request, response) => Interlocked.Increment(ref requested) > 1 ? response.JsonAsync(500, "{}") : response.JsonAsync(200, Vectors(request.BodyText, 4)));
        var stored = await _client.CallAsync(HttpMethod.Post, "/store", new { @namespace = "notes", items = Enumerable.Range(0, 100).Select(i => new { content = $"entry {i}" }) }, 201);
        Assert.Equal(64, stored["memories"]!.AsArray().Count(memory => (bool)memory!["embedded"]!));
        Embed();
        await _edge.UpkeepAsync();
        Assert.Equal(100, (await _client.SearchAsync("notes", "x", new { threshold = 0.99, limit = 1000, embedding = (int[])[1, 2, 3, 4] })).Count);
    }

    [Fact]
    public async Task Nothing_is_stored_when_the_rest_of_a_batch_is_refused()
    {
        _provider.Respond((request, response) => request.BodyText.Contains("entry 99", StringComparison.Ordinal) ? response.JsonAsync(400, "{}") : response.JsonAsync(200, Vectors(request.BodyText, 4)));
        var error = await _client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "notes", items = Enumerable.Range(0, 100).Select(i => new { content = $"entry {i}" }) }).FlatErrorAsync();
        Assert.Equal((400, 0), (error.Status, await _client.CountAsync("notes")));
    }

    [Fact]
    public async Task A_refused_text_does_not_prevent_the_embedding_of_others()
    {
        _provider.Respond((_, response) => response.JsonAsync(500, "{}"));
        await _client.CallAsync(HttpMethod.Post, "/store", new { @namespace = "notes", items = Enumerable.Range(0, 30).Select(i => new { content = i == 7 ? "poison" : $"entry {i}" }) }, 201);
        _provider.Respond((request, response) => request.BodyText.Contains("poison", StringComparison.Ordinal) ? response.JsonAsync(400, "{}") : response.JsonAsync(200, Vectors(request.BodyText, 4)));
        await _edge.UpkeepAsync();
        Assert.Equal(29, (await _client.SearchAsync("notes", "x", new { threshold = 0.99, limit = 1000, embedding = (int[])[1, 2, 3, 4] })).Count);
        Assert.Equal("poison", (string)Assert.Single(await _client.SearchAsync("notes", "poison", new { threshold = 0.9, order = "text" }))!["content"]!);
        Assert.NotNull((await _client.CallAsync(HttpMethod.Get, "/namespaces/notes"))["embeddingFault"]);

        // The refused text is not sent again in the next round.
        var requested = _provider.Requests.Count;
        await _edge.UpkeepAsync();
        Assert.Equal(requested, _provider.Requests.Count);
    }

    private void Embed(int dimensions = 4) => _provider.Respond((request, response) => response.JsonAsync(200, Vectors(request.BodyText, dimensions)));

    internal static string Vectors(string body, int dimensions)
    {
        var vector = string.Join(',', Enumerable.Range(1, dimensions).Select(number => number.ToString(CultureInfo.InvariantCulture)));
        var data = JsonNode.Parse(body)!["input"]!.AsArray().Select((_, i) => $$"""{"object":"embedding","index":{{i}},"embedding":[{{vector}}]}""");
        return $$$"""{"object":"list","data":[{{{string.Join(',', data)}}}],"model":"m","usage":{"prompt_tokens":3,"total_tokens":3}}""";
    }
}
