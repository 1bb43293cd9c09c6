using Cencori.Edge.Endpoints;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Exchanges;

/// <summary>Names and values of OpenTelemetry's semantic conventions for generative AI, shared by spans and metrics.</summary>
public static class GenAi
{
    public const string OperationName = "gen_ai.operation.name";
    public const string ProviderName = "gen_ai.provider.name";
    public const string RequestModel = "gen_ai.request.model";
    public const string ResponseModel = "gen_ai.response.model";
    public const string TokenType = "gen_ai.token.type";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CachedTokens = "gen_ai.usage.cache_read.input_tokens";
    public const string AgentId = "gen_ai.agent.id";
    public const string ErrorType = "error.type";

    /// <summary>Stands for every value outside a closed list.</summary>
    public const string Other = "_OTHER";

    /// <param name="endpoint">As in <see cref="RequestRecord.Endpoint"/>.</param>
    public static string Operation(string endpoint) => EndpointTable.OperationOf(endpoint) switch
    {
        Endpoints.Operation.Chat or Endpoints.Operation.Responses => "chat",
        Endpoints.Operation.Completions => "text_completion",
        Endpoints.Operation.Embeddings => "embeddings",
        _ => Other,
    };

    /// <summary>The conventions' name of the provider if there is one, else its id in yarp.json.</summary>
    public static string Provider(string id) => id switch
    {
        "azure-openai" => "azure.ai.openai",
        "google" => "gcp.gemini",
        "mistral" => "mistral_ai",
        "xai" => "x_ai",
        _ => id,
    };

    /// <summary>The error type, from a closed list; null for no error.</summary>
    public static string? Error(RequestRecord record) => record switch
    {
        { ErrorCode: { } code } => code,
        { Outcome: RequestOutcome.Success or RequestOutcome.SuccessFallback } or { Outcome: RequestOutcome.Shadow, Status: < 400 } => null,
        { Outcome: RequestOutcome.Cancelled } => "cancelled",
        { Status: >= 400 and < 600 } => record.Status.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => Other,
    };

    public static string Outcome(RequestOutcome outcome) => outcome switch
    {
        RequestOutcome.Success => "success",
        RequestOutcome.SuccessFallback => "success_fallback",
        RequestOutcome.Error => "error",
        RequestOutcome.RateLimited => "rate_limited",
        RequestOutcome.Filtered => "filtered",
        RequestOutcome.Cancelled => "cancelled",
        RequestOutcome.Shadow => "shadow",
        _ => Other,
    };
}
