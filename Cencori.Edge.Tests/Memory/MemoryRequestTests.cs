using System.Globalization;
using System.Text;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Memory;

/// <summary>Wrong requests and their errors.</summary>
public sealed class MemoryRequestTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private const string Space = """ "namespace":"wrong" """;

    private readonly RunningEdge _edge = fixture.Edge;

    public static TheoryData<string, string, string?, string> Wrong => new()
    {
        { "/store", "[]", null, "object" },
        { "/store", "{", null, "JSON" },
        { "/store", "{\"content\":\"a\"}", "namespace", "missing" },
        { "/store", $"{{{Space}}}", "content", "missing" },
        { "/store", $"{{{Space},\"content\":\"  \"}}", "content", "empty" },
        { "/store", $"{{{Space},\"content\":7}}", "content", "string" },
        { "/store", $"{{{Space},\"content\":\"a\",\"contents\":1}}", "contents", "Unknown" },
        { "/store", $"{{{Space},\"content\":\"a\",\"content\":\"b\"}}", null, "twice" },
        { "/store", $"{{{Space},\"content\":\"a\\u0000b\"}}", "content", "U+0000" },
        { "/store", $"{{{Space},\"content\":\"a\\ud800\"}}", "content", "string" },
        { "/store", $"{{{Space},\"content\":\"{new string('x', 10_241)}\"}}", "content", "10241" },
        { "/store", $"{{{Space},\"content\":\"a\",\"embedding\":[1,2]}}", "embedding", "It has 2." },
        { "/store", $"{{{Space},\"content\":\"a\",\"embedding\":[0,0,0,0,0,0,0,0]}}", "embedding", "zero" },
        { "/store", $"{{{Space},\"content\":\"a\",\"embedding\":[1,2,3,4,5,6,7,1e999]}}", "embedding", "[7]" },
        { "/store", $"{{{Space},\"content\":\"a\",\"embedding\":[1,2,3,4,5,6,7,\"8\"]}}", "embedding", "[7]" },
        { "/store", $"{{{Space},\"content\":\"a\",\"embedding\":[NaN,2,3,4,5,6,7,8]}}", null, "NaN" },
        { "/store", $"{{{Space},\"content\":\"a\",\"embedding\":\"x\"}}", "embedding", "list" },
        { "/store", $"{{{Space},\"content\":\"a\",\"metadata\":{{\"a\":{{}}}}}}", "metadata.a", "list of strings" },
        { "/store", $"{{{Space},\"content\":\"a\",\"metadata\":{{\"a\":[1]}}}}", "metadata.a", "list of strings" },
        { "/store", $"{{{Space},\"content\":\"a\",\"metadata\":[]}}", "metadata", "object" },
        { "/store", $"{{{Space},\"content\":\"a\",\"metadata\":{{\"a\":\"{new string('x', 9_000)}\"}}}}", "metadata", "8192" },
        { "/store", $"{{{Space},\"content\":\"a\",\"expiresAt\":\"2001-01-01T00:00:00Z\"}}", "expiresAt", "future" },
        { "/store", $"{{{Space},\"content\":\"a\",\"expiresAt\":\"tomorrow\"}}", "expiresAt", "time" },
        { "/store", $"{{{Space},\"content\":\"a\",\"expiresAt\":3}}", "expiresAt", "time" },
        { "/store", $"{{{Space},\"content\":\"a\",\"id\":\"x\"}}", "id", "mem_" },
        { "/store", $"{{{Space},\"items\":[]}}", "items", "1 to 100" },
        { "/store", $"{{{Space},\"items\":[{{\"content\":\"a\"}},{{\"content\":\"\"}}]}}", "items[1].content", "empty" },
        { "/store", $"{{{Space},\"items\":[{{\"content\":\"a\",\"x\":1}}]}}", "items[0].x", "Unknown" },
        { "/store", $"{{{Space},\"content\":\"a\",\"items\":[{{\"content\":\"a\"}}]}}", "content", "Unknown" },
        { "/store", $"{{{Space},\"items\":[{{\"id\":\"mem_a\",\"content\":\"a\"}},{{\"id\":\"mem_a\",\"content\":\"a\"}}]}}", "items", "mem_a" },
        { "/search", $"{{{Space}}}", "query", "missing" },
        { "/store", $"{{{Space},\"content\":\"a\",\"metadata\":{{\"\\ud800\":1}}}}", null, "Unicode" },
        { "/search", $"{{{Space},\"query\":\"a\",\"filter\":{{\"\\ud800\":1}}}}", null, "Unicode" },
        { "/search", $"{{{Space},\"query\":\"a\",\"limit\":0}}", "limit", "1 to 1000" },
        { "/search", $"{{{Space},\"query\":\"a\",\"limit\":1.5}}", "limit", "whole" },
        { "/search", $"{{{Space},\"query\":\"a\",\"threshold\":1.01}}", "threshold", "0 to 1" },
        { "/search", $"{{{Space},\"query\":\"a\",\"threshold\":\"0.5\"}}", "threshold", "0 to 1" },
        { "/search", $"{{{Space},\"query\":\"a\",\"order\":\"best\"}}", "order", "blended" },
        { "/search", $"{{{Space},\"query\":\"a\",\"order\":\"1\"}}", "order", "blended" },
        { "/search", $"{{{Space},\"query\":\"a\",\"filter\":[]}}", "filter", "object" },
        { "/search", $"{{{Space},\"query\":\"a\",\"filter\":{{\"a\":{{\"$gt\":1}}}}}}", "filter.a", "$gt" },
        { "/search", $"{{{Space},\"query\":\"a\",\"filter\":{{\"a\":{{\"in\":1}}}}}}", "filter.a.in", "list" },
        { "/search", $"{{{Space},\"query\":\"a\",\"filter\":{{\"a\":{{\"in\":[[]]}}}}}}", "filter.a.in", "string" },
        { "/search", $"{{{Space},\"query\":\"a\",\"filter\":{{\"a\":null}}}}", "filter.a", "string" },
        { "/search", $"{{{Space},\"query\":\"a\",\"filter\":{{\"a\":{{\"in\":[1],\"eq\":1}}}}}}", "filter.a", "one operator" },
        { "/search", $"{{{Space},\"query\":\"a\",\"embedding\":[1]}}", "embedding", "It has 1." },
        { "/namespaces", "{}", "name", "missing" },
        { "/namespaces", $"{{\"name\":\"{new string('n', 129)}\"}}", "name", "129" },
        { "/namespaces", "{\"name\":\"mns_x\"}", "name", "mns_" },
        { "/namespaces", "{\"name\":\"a\",\"dimensions\":0}", "dimensions", "1 to 4096" },
        { "/namespaces", "{\"name\":\"a\",\"defaultThreshold\":2}", "defaultThreshold", "0 to 1" },
        { "/namespaces", "{\"name\":\"a\",\"agentId\":\"agt_nobody\"}", "agentId", "agent" },
        { "/namespaces/wrong/reembed", "{}", "embeddingModel", "missing" },
        { "/namespaces/wrong/import", "{\"content\":\"a\"}\nx", "body", "Line 2" },
        { "/namespaces/wrong/import", "{\"content\":\"a\",\"expiresAt\":\"2030-01-01\\ud800\"}", "line 1: expiresAt", "time" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_request_names_the_field_and_stores_nothing(string path, string body, string? param, string says)
    {
        var client = await MemoryClient.CreateAsync(_edge);
        await client.CreateAsync("wrong", new { dimensions = 8 });
        var error = await client.SendAsync(HttpMethod.Post, path, body).FlatErrorAsync();
        Assert.Equal((400, "INVALID_REQUEST", param), (error.Status, error.Code, error.Param));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await client.CountAsync("wrong"));
    }

    [Fact]
    public async Task Metadata_of_ten_megabytes_are_refused()
    {
        var client = await MemoryClient.CreateAsync(_edge);
        await client.CreateAsync("large");
        var error = await client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "large", content = "a", metadata = new { a = new string('x', 10_000_000) } }).FlatErrorAsync();
        Assert.Equal((400, "metadata"), (error.Status, error.Param));
    }

    [Fact]
    public async Task Letters_of_metadata_count_as_their_bytes_in_UTF_8()
    {
        var client = await MemoryClient.CreateAsync(_edge);
        await client.CreateAsync("letters");
        var text = new string('я', 4_000);
        var id = await client.StoreAsync("letters", "a", new { metadata = new { text } });
        Assert.Equal(text, (string)(await client.CallAsync(HttpMethod.Get, $"/{id}"))["metadata"]!["text"]!);
        var error = await client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "letters", content = "a", metadata = new { text = text + text } }).FlatErrorAsync();
        Assert.Equal((400, "metadata"), (error.Status, error.Param));
    }

    [Fact]
    public async Task Missing_objects_are_404_and_other_methods_405()
    {
        var client = await MemoryClient.CreateAsync(_edge);
        foreach (var (method, path, body) in ((string, string, object?)[])
            [("POST", "/store", new { @namespace = "none", content = "a" }), ("POST", "/search", new { @namespace = "none", query = "a" }), ("GET", "/namespaces/none", null), ("DELETE", "/namespaces/none", null),
             ("GET", "/namespaces/none/export", null), ("GET", "/namespaces/none/memories", null), ("GET", "/mem_none", null), ("GET", "/whatever", null), ("DELETE", "/mem_none", null), ("GET", "/a/b/c", null)])
        {
            Assert.Equal((path, 404), (path, (await client.SendAsync(new HttpMethod(method), path, body).FlatErrorAsync()).Status));
        }

        Assert.Equal(405, (await client.SendAsync(HttpMethod.Put, "/namespaces", new { }).FlatErrorAsync()).Status);
        Assert.Equal(401, (await _edge.SendAsync("csk_test_nobody", HttpMethod.Get, "/api/memory/namespaces").FlatErrorAsync()).Status);
        Assert.Equal(401, (await _edge.SendAsync(null, HttpMethod.Get, "/api/memory/namespaces").FlatErrorAsync()).Status);
    }

    [Fact]
    public async Task A_taken_name_is_a_conflict_and_a_deleted_name_is_free()
    {
        var client = await MemoryClient.CreateAsync(_edge);
        await client.CreateAsync("twice");
        Assert.Equal((409, "CONFLICT"), await client.SendAsync(HttpMethod.Post, "/namespaces", new { name = "twice" }).FlatErrorAsync() is var error ? (error.Status, error.Code) : default);
        await client.StoreAsync("twice", "an entry of the first");
        await client.CallAsync(HttpMethod.Delete, "/namespaces/twice");
        await client.CreateAsync("twice");
        Assert.Empty(await client.SearchAsync("twice", "an entry of the first"));
    }

    [Fact]
    public async Task A_full_namespace_refuses_entries_until_one_expires()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var edge = await RunningEdge.StartAsync(["Memory:MaxEntries=3"], builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var client = await MemoryClient.CreateAsync(edge);
        await client.CreateAsync("small");
        await client.StoreAsync("small", "one");
        await client.StoreAsync("small", "two");
        await client.StoreAsync("small", "three", new { expiresAt = clock.GetUtcNow().AddHours(1).ToString("O", CultureInfo.InvariantCulture) });
        var full = await client.SendAsync(HttpMethod.Post, "/store", new { @namespace = "small", content = "four" }).FlatErrorAsync();
        Assert.Equal((429, "MEMORY_QUOTA_EXCEEDED", "false"), (full.Status, full.Code, full.Header("x-should-retry")));
        clock.Advance(TimeSpan.FromHours(1));
        await client.StoreAsync("small", "four");
        Assert.Equal(["four", "one", "two"], (await client.SearchAsync("small", "*")).Select(found => (string)found!["content"]!).Order());
    }

    [Fact]
    public async Task A_gzip_body_is_accepted()
    {
        var client = await MemoryClient.CreateAsync(_edge);
        await client.CreateAsync("encoded");
        using var packed = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("{\"namespace\":\"encoded\",\"content\":\"packed\"}"));
        }

        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await _edge.SendAsync(client.Key, HttpMethod.Post, "/api/memory/store", content);
        Assert.Equal(201, (int)response.StatusCode);
    }
}
