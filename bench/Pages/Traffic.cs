using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Bench.Pages;

/// <summary>
/// A month of requests in 50 projects, with a Zipf distribution (the first project has most), 200 keys, 20 models, and 1 % errors. Twenty days ago
/// there was an hour of errors, and one key of the first project was last used 25 days ago.
/// </summary>
internal sealed class Traffic(DateTimeOffset now, int count)
{
    public const string OldKey = "key-last-used-25-days-ago";
    public const int Projects = 50;
    public const int Keys = 200;
    public const int Models = 20;
    public const int Days = 30;

    private const int BurstDay = 20;
    private const int OldKeyDay = 25;

    private static readonly double[] Shares = Zipf();
    private readonly Random _random = new(1);

    public static string ProjectOf(int number) => $"0198a5b2-c3d4-7e8f-9a0b-{number:x12}";

    public static string KeyOf(int number) => $"0198a5b2-c3d4-7e8f-9a0c-{number:x12}";

    public static string ModelOf(int number) => number < Models / 2 ? $"gpt-5.{number}-mini" : $"claude-sonnet-4-{number}";

    /// <summary>Creates the request with this number; the first is the oldest.</summary>
    public RequestRecord Make(int number)
    {
        var at = now.AddDays(-Days * (1 - ((double)number / count)));
        var age = now - at;
        var place = _random.NextDouble();
        var project = Array.FindIndex(Shares, share => share >= place);
        var key = (_random.Next(Keys / Projects) * Projects) + project;
        var isOld = project == 0 && age.TotalDays > OldKeyDay && _random.Next(50) == 0;
        var isError = _random.Next(age.TotalDays is > BurstDay and < BurstDay + (1 / 24.0) ? 2 : 100) == 0;
        var model = Math.Min(_random.Next(Models), _random.Next(Models));
        return new()
        {
            RequestId = number % 10 == 0
                ? $"order-{number}"
                : $"req_{at.ToUnixTimeMilliseconds():x12}7{_random.Next(0x1000):x3}{0x8000_0000_0000_0000 | (ulong)_random.NextInt64(0x4000_0000_0000_0000):x16}",
            StartedAt = at,
            ProjectId = ProjectOf(project < 0 ? Projects - 1 : project),
            KeyId = isOld ? OldKey : KeyOf(key),
            Environment = _random.Next(20) == 0 ? KeyEnvironment.Test : KeyEnvironment.Production,
            Endpoint = _random.Next(10) == 0 ? "POST /v1/embeddings" : "POST /v1/chat/completions",
            ModelAsked = ModelOf(model),
            ModelServed = ModelOf(model),
            Provider = model < Models / 2 ? "openai" : "anthropic",
            CredentialHint = "abcd",
            IsStream = true,
            Status = isError ? 502 : 200,
            Outcome = isError ? RequestOutcome.Error : RequestOutcome.Success,
            ErrorCode = isError ? "PROVIDER_ERROR" : null,
            PromptTokens = _random.Next(4_000),
            CompletionTokens = _random.Next(1_000),
            CostUsd = _random.Next(1_000_000) / 100_000_000m,
            FirstByteMicroseconds = _random.Next(100_000, 900_000),
            DurationMicroseconds = (long)(1_000_000 * Math.Exp((_random.NextDouble() - 0.5) * 4)),
            EdgeMicroseconds = 80,
            ClientAddress = $"203.0.113.{_random.Next(1, 255)}",
            AgentId = _random.Next(10) == 0 ? $"agent-{project}" : null,
        };
    }

    private static double[] Zipf()
    {
        var weights = Enumerable.Range(1, Projects).Select(rank => 1.0 / rank).ToArray();
        var sum = 0.0;
        return [.. weights.Select(weight => (sum += weight) / weights.Sum())];
    }
}
