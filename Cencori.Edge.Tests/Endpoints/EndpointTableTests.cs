using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Tests.Endpoints;

public class EndpointTableTests
{
    [Theory]
    [InlineData("POST", "/v1/chat/completions", "POST /v1/chat/completions", Operation.Chat, "/chat/completions")]
    [InlineData("POST", "/v1/chat/completions/", "POST /v1/chat/completions", Operation.Chat, "/chat/completions/")]
    [InlineData("post", "/V1/Chat/Completions", "POST /v1/chat/completions", Operation.Chat, "/Chat/Completions")]
    [InlineData("GET", "/v1/chat/completions", "GET /v1/*", Operation.Other, "/chat/completions")]
    [InlineData("POST", "/v1/chat/completions/more", "POST /v1/*", Operation.Other, "/chat/completions/more")]
    [InlineData("POST", "/v1/completions", "POST /v1/completions", Operation.Completions, "/completions")]
    [InlineData("POST", "/v1/responses", "POST /v1/responses", Operation.Responses, "/responses")]
    [InlineData("GET", "/v1/responses/resp_1", "GET /v1/*", Operation.Other, "/responses/resp_1")]
    [InlineData("POST", "/v1/embeddings", "POST /v1/embeddings", Operation.Embeddings, "/embeddings")]
    [InlineData("POST", "/v1/files", "POST /v1/*", Operation.Files, "/files")]
    [InlineData("POST", "/v1/uploads/u/parts", "POST /v1/*", Operation.Files, "/uploads/u/parts")]
    [InlineData("POST", "/v1/filesystem", "POST /v1/*", Operation.Other, "/filesystem")]
    [InlineData("DELETE", "/v1/files/f", "DELETE /v1/*", Operation.Other, "/files/f")]
    [InlineData("POST", "/v1/images/generations", "POST /v1/*", Operation.Images, "/images/generations")]
    [InlineData("GET", "/v1/models/a/b", "GET /v1/models", Operation.Models, "/models/a/b")]
    [InlineData("GET", "/v1/metrics/7d", "GET /v1/metrics", Operation.Metrics, "/metrics/7d")]
    [InlineData("GET", "/v1/metrics/a/b", "GET /v1/*", Operation.Other, "/metrics/a/b")]
    [InlineData("POST", "/api/v1/chat/completions", "POST /v1/chat/completions", Operation.Chat, "/chat/completions")]
    [InlineData("GET", "/api/projects/p/logs", "/api/projects", Operation.Administration, "")]
    [InlineData("GET", "/api/projectsandmore", "/api/*", Operation.Other, "")]
    [InlineData("GET", "/v10/models", "*", Operation.Other, "")]
    public void Each_method_and_path_has_one_row(string method, string path, string name, Operation operation, string rest)
    {
        var row = EndpointTable.Find(method, path, out var found, out _);

        Assert.Equal((name, operation, rest), (row.Name, row.Operation, found.Value ?? ""));
    }

    [Theory]
    [InlineData("/v1/x", ErrorDialect.OpenAI, true)]
    [InlineData("/api/v1/x", ErrorDialect.OpenAI, true)]
    [InlineData("/api/projects", ErrorDialect.Flat, true)]
    [InlineData("/api/ai/chat", ErrorDialect.Flat, true)]
    [InlineData("/chat/completions", ErrorDialect.OpenAI, false)]
    public void A_row_has_the_dialect_of_errors(string path, ErrorDialect dialect, bool isBelowBaseUrl)
    {
        var row = EndpointTable.Find("POST", path, out _, out _);

        Assert.Equal((dialect, isBelowBaseUrl), (row.Errors, row.IsBelowBaseUrl));
    }

    [Fact]
    public void Methods_that_callers_invent_share_one_row()
    {
        var rows = Enumerable.Range(0, 1_000).Select(number => EndpointTable.Find($"M{number}", "/v1/chat/completions", out _, out _)).Distinct();

        Assert.Equal("* /v1/*", Assert.Single(rows).Name);
    }

    [Theory]
    [InlineData("POST", "/v1/chat/completions", true)]
    [InlineData("POST", "/v1/anything", true)]
    [InlineData("GET", "/v1/responses/resp_1", false)]
    [InlineData("DELETE", "/v1/files/f", false)]
    [InlineData("MADE-UP", "/v1/anything", false)]
    public void Only_what_this_request_pays_for_is_metered(string method, string path, bool isMetered) =>
        Assert.Equal(isMetered, EndpointTable.Find(method, path, out _, out _).IsMetered);

    [Theory]
    [InlineData("POST", "/api/ai/chat")]
    [InlineData("post", "/API/AI/Chat/")]
    public void The_native_chat_has_the_row_of_chat_completions(string method, string path)
    {
        var row = EndpointTable.Find(method, path, out _, out _);

        Assert.Equal(("POST /api/ai/chat", Operation.Chat, NativeShape.Chat), (row.Name, row.Operation, row.Native));
        Assert.Equal("/chat/completions", row.ProviderPath!.Value.Value);
    }

    [Fact]
    public void An_alias_has_a_canonical_path()
    {
        EndpointTable.Find("POST", "/api/v1/files/a%2Fb", out var rest, out var isAlias);

        Assert.True(isAlias);
        Assert.Equal("/v1/files/a%2Fb", EndpointTable.Canonical(rest).Value);
    }
}
