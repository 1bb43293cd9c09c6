using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Verification;

/// <summary>How a request of the month ends.</summary>
internal enum Ending
{
    Whole,
    NoUsage,
    Refused,
    Failed,
    BrokenOff,
    LeftByCaller,
}

/// <summary>A provider that follows instructions in the text of a request, and remembers its background work.</summary>
internal sealed partial class MonthScript
{
    private static readonly (string, string)[] EventStream = [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")];

    private readonly ConcurrentDictionary<string, (string Status, int Input, int Output)> _works = new();

    /// <summary>The text that makes a request end in this way with this usage.</summary>
    public static string Ask(Ending ending, int input, int output) => $"end:{ending}:{input}:{output};";

    /// <summary>From now on the work has ended.</summary>
    public void Finish(string id, bool isKnown) => _works[id] = _works[id] with { Status = isKnown ? "completed" : "failed" };

    public Task RespondAsync(ReceivedRequest request, ScriptedResponse response)
    {
        if (request.Method == "GET")
        {
            return response.JsonAsync(200, Work(request.Target.Split('/')[^1]));
        }

        var requested = Asked().Match(request.BodyText);
        var (ending, input, output) = (Enum.Parse<Ending>(requested.Groups[1].Value), int.Parse(requested.Groups[2].Value, null), int.Parse(requested.Groups[3].Value, null));
        if (ending is Ending.Refused or Ending.Failed)
        {
            return response.JsonAsync(ending == Ending.Refused ? 400 : 500, """{"error":{"message":"no"}}""");
        }

        if (request.Target.EndsWith("/responses", StringComparison.Ordinal))
        {
            var id = $"resp_{Guid.NewGuid():N}";
            _works[id] = ("queued", input, output);
            return response.JsonAsync(200, Work(id));
        }

        if (request.Target.EndsWith("/embeddings", StringComparison.Ordinal))
        {
            return response.JsonAsync(200, $$$"""{"object":"list","data":[],"model":"text-embedding-3-small","usage":{"prompt_tokens":{{{input}}},"total_tokens":{{{input}}}}}""");
        }

        return request.BodyText.Contains("\"stream\":true", StringComparison.Ordinal) ? StreamAsync(response, ending, input, output) : ChatAsync(response, ending, input, output);
    }

    private string Work(string id)
    {
        var (status, input, output) = _works[id];
        var usage = status == "completed" ? $$"""{"input_tokens":{{input}},"output_tokens":{{output}},"total_tokens":{{input + output}}}""" : "null";
        return $$"""{"id":"{{id}}","object":"response","status":"{{status}}","model":"gpt-4o-2024-08-06","output":[],"usage":{{usage}}}""";
    }

    private static async Task ChatAsync(ScriptedResponse response, Ending ending, int input, int output)
    {
        var body = ScriptedProvider.ChatCompletion("gpt-4o", "one two three", input, output);
        switch (ending)
        {
            case Ending.LeftByCaller:
                await response.WaitForAbortAsync();
                break;
            case Ending.BrokenOff:
                await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Content-Length", $"{body.Length}"));
                await response.SendAsync(body[..(body.Length / 2)]);
                await response.CloseAsync();
                break;
            default:
                await response.JsonAsync(200, ending == Ending.NoUsage ? """{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"one two three"}}]}""" : body);
                break;
        }
    }

    private static async Task StreamAsync(ScriptedResponse response, Ending ending, int input, int output)
    {
        var events = ScriptedProvider.ChatChunks("gpt-4o", ["one ", "two ", "three"], ending == Ending.NoUsage ? null : (input, output));
        if (ending is Ending.Whole or Ending.NoUsage)
        {
            await response.SseAsync([.. events]);
            return;
        }

        await response.SendHeadAsync(200, EventStream);
        foreach (var data in events.Take(2))
        {
            await response.SendChunkAsync($"data: {data}\n\n");
        }

        await (ending == Ending.BrokenOff ? response.CloseAsync() : response.WaitForAbortAsync());
    }

    [GeneratedRegex(@"end:(\w+):(\d+):(\d+);")]
    private static partial Regex Asked();
}
