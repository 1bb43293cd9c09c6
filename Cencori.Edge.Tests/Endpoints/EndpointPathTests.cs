using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Tests.Endpoints;

public class EndpointPathTests
{
    [Theory]
    [InlineData("/v1/chat/completions", "/chat/completions", false, false, null)]
    [InlineData("/api/v1/chat/completions", "/chat/completions", true, false, null)]
    [InlineData("/openai/deployments/gpt-4o/chat/completions", "/chat/completions", true, true, "gpt-4o")]
    [InlineData("/OpenAI/Deployments/GPT-4o/embeddings", "/embeddings", true, true, "GPT-4o")]
    [InlineData("/openai/deployments/openai%2Fgpt-4o/audio/transcriptions", "/audio/transcriptions", true, true, "openai/gpt-4o")]
    [InlineData("/v1/openai/deployments/m/completions", "/completions", true, true, "m")]
    [InlineData("/api/v1/openai/deployments/m/completions", "/completions", true, true, "m")]
    [InlineData("/openai/v1/responses/resp_1", "/responses/resp_1", true, true, null)]
    [InlineData("/openai/files", "/files", true, true, null)]
    [InlineData("/openai/deployments", "/deployments", true, true, null)]
    [InlineData("/openai/deployments/m", "/deployments/m", true, true, null)]
    [InlineData("/openaix/v1/models", "", false, false, null)]
    [InlineData("/v10/models", "", false, false, null)]
    public void A_path_is_parsed_for_every_base_URL(string path, string rest, bool isAlias, bool isAzure, string? deployment)
    {
        var where = EndpointPath.Of(path);

        Assert.Equal((rest, rest.Length > 0, isAlias, isAzure, deployment), (where.Rest.Value ?? "", where.IsBelowBase, where.IsAlias, where.IsAzure, where.Deployment));
    }

    [Theory]
    [InlineData("/v1/files/a.b", false)]
    [InlineData("/v1/files/a%2Fb", false)]
    [InlineData("/v1/files/..a/b..", false)]
    [InlineData("/v1//files", true)]
    [InlineData("/v1/files/..%2Fchat", true)]
    [InlineData("/v1/files/%2f.%2fchat", true)]
    [InlineData("/v1/files/x\\..\\chat", true)]
    public void A_path_is_ambiguous_when_a_server_may_serve_another(string path, bool isAmbiguous) => Assert.Equal(isAmbiguous, SentPath.IsAmbiguous(path));
}
