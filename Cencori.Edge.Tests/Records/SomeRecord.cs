using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Tests.Records;

/// <summary>A record of a successful streamed chat; tests set only the members that differ.</summary>
internal static class SomeRecord
{
    public static RequestRecord Of(
        string? model = "gpt-4o",
        string? provider = "openai",
        string endpoint = "POST /v1/chat/completions",
        bool isStream = true,
        int status = 200,
        RequestOutcome outcome = RequestOutcome.Success,
        string? errorCode = null,
        long completionTokens = 11) => new()
        {
            RequestId = "req_1",
            StartedAt = DateTimeOffset.UnixEpoch,
            ProjectId = "project-1",
            KeyId = "key-1",
            Environment = KeyEnvironment.Production,
            Endpoint = endpoint,
            ModelAsked = model,
            ModelServed = provider is null ? null : model,
            Provider = provider,
            IsStream = isStream,
            Status = status,
            Outcome = outcome,
            ErrorCode = errorCode,
            PromptTokens = 7,
            CachedTokens = 2,
            CompletionTokens = completionTokens,
            FirstByteMicroseconds = 500_000,
            DurationMicroseconds = 2_500_000,
            EdgeMicroseconds = 400,
        };
}
