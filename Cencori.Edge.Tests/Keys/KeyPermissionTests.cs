using Cencori.Edge.Records.Sql;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Keys;

/// <summary>Every type and environment of key on every kind of route.</summary>
public sealed class KeyPermissionTests(TwoProvidersEdge fixture) : IClassFixture<TwoProvidersEdge>
{
    private static readonly string[] Domains = ["example.com"];
    private static readonly string[] Types = ["secret", "publishable", "agent"];
    private static readonly string[] Environments = ["production", "test"];

    private readonly RunningEdge _edge = fixture.Edge;

    public static TheoryData<string, string, string, bool> Matrix()
    {
        (string Method, string Path, bool IsInference)[] routes =
        [
            ("POST", "/v1/chat/completions", true), ("POST", "/v1/completions", true), ("POST", "/v1/responses", true),
            ("POST", "/v1/embeddings", true), ("GET", "/v1/models", true), ("GET", "/v1/models/gpt-4o", true),
            ("POST", "/api/v1/chat/completions", true), ("POST", "/V1/Chat/Completions", true),
            ("POST", "/v1/files", false), ("GET", "/v1/files", false), ("DELETE", "/v1/files/file-1", false), ("POST", "/v1/batches", false),
            ("POST", "/v1/images/generations", false), ("POST", "/v1/audio/speech", false), ("POST", "/v1/moderations", false),
            ("GET", "/v1/chat/completions", false), ("GET", "/v1/responses/resp_1", false), ("DELETE", "/v1/models/ft-1", false),
            ("POST", "/v1/chat/completions/extra", false), ("GET", "/v1/unknown", false), ("POST", "/v1/unknown", false),
        ];
        var data = new TheoryData<string, string, string, bool>();
        foreach (var type in Types)
        {
            foreach (var environment in Environments)
            {
                foreach (var (method, path, isInference) in routes)
                {
                    data.Add($"{type} {environment}", method, path, isInference || type == "secret");
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task A_key_may_do_what_its_type_allows(string kind, string method, string path, bool allowed)
    {
        var content = method == "POST" ? RunningEdge.Json(new { model = "gpt-4o", input = "hi", messages = Array.Empty<object>() }) : null;
        var before = fixture.Provider.Requests.Count;
        using var response = await _edge.SendAsync(await KeyAsync(kind), new(method), path, content, ("Origin", "https://example.com"));

        if (allowed)
        {
            Assert.Equal(200, (int)response.StatusCode);
        }
        else
        {
            var refusal = await response.ErrorAsync();
            Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", "key_type"), (refusal.Status, refusal.Code, refusal.Reason));
            Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));
            Assert.Equal(before, fixture.Provider.Requests.Count);
        }
    }

    [Theory]
    [InlineData("Origin", "https://example.com", true)]
    [InlineData("Origin", "http://example.com:3000", true)]
    [InlineData("Referer", "https://example.com/some/page", true)]
    [InlineData("Origin", "https://evil-example.com", false)]
    [InlineData("Origin", "https://example.com.evil.org", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("X-Other", "https://example.com", false)]
    public async Task A_publishable_key_works_only_from_its_own_pages(string header, string value, bool allowed)
    {
        using var response = await _edge.SendAsync(await KeyAsync("publishable production"), HttpMethod.Get, "/v1/models", null, (header, value));

        if (allowed)
        {
            Assert.Equal(200, (int)response.StatusCode);
        }
        else
        {
            var refusal = await response.ErrorAsync();
            Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", "origin_not_allowed"), (refusal.Status, refusal.Code, refusal.Reason));
        }
    }

    [Fact]
    public async Task Other_types_of_keys_work_from_any_page()
    {
        foreach (var kind in (string[])["secret production", "agent production"])
        {
            using var response = await _edge.SendAsync(await KeyAsync(kind), HttpMethod.Get, "/v1/models", null, ("Origin", "https://evil.org"));
            Assert.Equal(200, (int)response.StatusCode);
        }
    }

    private Task<string> KeyAsync(string kind) => kind.Split(' ') switch
    {
        ["publishable", var environment] => _edge.CreateKeyAsync(fixture.ProjectId, "publishable", environment, new { allowed_domains = Domains }),
        ["agent", var environment] => _edge.CreateKeyAsync(fixture.ProjectId, "agent", environment),
        [var type, var environment] => _edge.CreateKeyAsync(fixture.ProjectId, type, environment),
        _ => throw new ArgumentException(kind),
    };
}
