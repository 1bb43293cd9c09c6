using Cencori.Edge.Exchanges;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Exchanges;

public sealed class GenAiTests
{
    [Theory]
    [InlineData("POST /v1/chat/completions", "chat")]
    [InlineData("POST /v1/responses", "chat")]
    [InlineData("POST /api/ai/chat", "chat")]
    [InlineData("POST /v1/completions", "text_completion")]
    [InlineData("POST /v1/embeddings", "embeddings")]
    [InlineData("POST /api/ai/embeddings", "embeddings")]
    [InlineData("POST /v1/*", "_OTHER")]
    public void An_endpoint_maps_to_an_operation(string endpoint, string operation) => Assert.Equal(operation, GenAi.Operation(endpoint));

    [Theory]
    [InlineData("openai", "openai")]
    [InlineData("anthropic", "anthropic")]
    [InlineData("google", "gcp.gemini")]
    [InlineData("mistral", "mistral_ai")]
    [InlineData("xai", "x_ai")]
    [InlineData("azure-openai", "azure.ai.openai")]
    [InlineData("sandbox", "sandbox")]
    public void A_provider_has_its_name_of_the_semantic_conventions(string id, string name) => Assert.Equal(name, GenAi.Provider(id));

    [Theory]
    [InlineData(RequestOutcome.Success, "success")]
    [InlineData(RequestOutcome.SuccessFallback, "success_fallback")]
    [InlineData(RequestOutcome.Error, "error")]
    [InlineData(RequestOutcome.RateLimited, "rate_limited")]
    [InlineData(RequestOutcome.Filtered, "filtered")]
    [InlineData(RequestOutcome.Cancelled, "cancelled")]
    [InlineData(RequestOutcome.Shadow, "shadow")]
    public void An_outcome_has_one_name(RequestOutcome outcome, string name) => Assert.Equal(name, GenAi.Outcome(outcome));

    [Theory]
    [InlineData(RequestOutcome.Success, 200, null, null)]
    [InlineData(RequestOutcome.SuccessFallback, 200, null, null)]
    [InlineData(RequestOutcome.Shadow, 200, null, null)]
    [InlineData(RequestOutcome.Shadow, 500, null, "500")]
    [InlineData(RequestOutcome.Error, 200, "PROVIDER_ERROR", "PROVIDER_ERROR")]
    [InlineData(RequestOutcome.RateLimited, 429, "RATE_LIMIT_EXCEEDED", "RATE_LIMIT_EXCEEDED")]
    [InlineData(RequestOutcome.Error, 422, null, "422")]
    [InlineData(RequestOutcome.Error, 200, null, "_OTHER")]
    [InlineData(RequestOutcome.Error, 999, null, "_OTHER")]
    [InlineData(RequestOutcome.Cancelled, 499, null, "cancelled")]
    public void An_error_type_comes_from_a_closed_list(RequestOutcome outcome, int status, string? code, string? error) =>
        Assert.Equal(error, GenAi.Error(SomeRecord.Of(outcome: outcome, status: status, errorCode: code)));

    [Theory]
    [InlineData(101, "1xx")]
    [InlineData(200, "2xx")]
    [InlineData(304, "3xx")]
    [InlineData(499, "4xx")]
    [InlineData(504, "5xx")]
    [InlineData(0, "_OTHER")]
    [InlineData(999, "_OTHER")]
    public void A_status_has_a_class(int status, string name) => Assert.Equal(name, RequestMetrics.StatusClass(status));
}
