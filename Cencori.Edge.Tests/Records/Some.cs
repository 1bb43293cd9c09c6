using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using CsCheck;

namespace Cencori.Edge.Tests.Records;

/// <summary>Records for tests.</summary>
internal static class Some
{
    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static RequestRecord Record(
        string project = "prj_1", RequestOutcome outcome = RequestOutcome.Success, DateTimeOffset? at = null, string id = "req_1", string? model = "gpt-4o",
        KeyEnvironment environment = KeyEnvironment.Production, decimal? cost = 0.000_012_5m, long milliseconds = 800, string key = "key_1") => new()
    {
        RequestId = id,
        StartedAt = at ?? Now,
        ProjectId = project,
        KeyId = key,
        Environment = environment,
        Endpoint = "POST /v1/chat/completions",
        ModelAsked = "fast",
        ModelServed = model,
        Provider = model is null ? null : "openai",
        CredentialHint = "abcd",
        IsStream = true,
        Status = 200,
        Outcome = outcome,
        ErrorCode = outcome == RequestOutcome.Error ? "PROVIDER_ERROR" : null,
        PromptTokens = 12,
        CachedTokens = 4,
        CompletionTokens = 30,
        IsEstimated = true,
        CostUsd = cost,
        FirstByteMicroseconds = 120_000,
        DurationMicroseconds = milliseconds * 1_000,
        EdgeMicroseconds = 90,
        Retries = 1,
        ClientAddress = "2001:db8::1",
        App = "tests",
    };

    /// <summary>Any valid record of the last hours.</summary>
    public static Gen<RequestRecord> AnyRecord { get; } = Gen.Select(
        Gen.OneOfConst("prj_1", "prj_2"),
        Gen.Enum<RequestOutcome>(),
        Gen.Int[0, 4 * 3_600],
        Gen.OneOfConst("gpt-4o", "gpt-4o-mini", null),
        Gen.Enum<KeyEnvironment>(),
        Gen.Long[-1, 5_000_000_000],
        Gen.Long[0, 60_000],
        (project, outcome, age, model, environment, cost, milliseconds) => Record(
            project, outcome, DateTimeOffset.FromUnixTimeMilliseconds(Now.ToUnixTimeMilliseconds()).AddSeconds(-age), $"req_{age}", model, environment, cost < 0 ? null : cost / 1_000_000_000_000m, milliseconds));
}
