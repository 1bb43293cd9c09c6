using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Tests.Dialects;

/// <summary>A generated chat stream, in the various forms that providers use, possibly cut off.</summary>
internal sealed class SomeChat
{
    private static readonly string[] Texts = ["one ", "née ", "漢字", "🙂", "\"q\" \\ ", "\n\n", "data: [DONE]\n\n", "\u2028\u2029\u0085", "", "{\"error\":\"x\"}", "\u0001", new('x', 3_000)];
    private static readonly string[] Kinds = ["content", "content", "content", "refusal", "reasoning_content", "reasoning"];

    private readonly Random _random;
    private readonly List<string> _events = [];

    public SomeChat(int seed)
    {
        _random = new(seed);
        Choices = _random.Next(4) == 0 ? _random.Next(2, 4) : 1;
        WriteChoices();
        if (_random.Next(2) == 0)
        {
            _events.Add("""{"id":"x","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}""");
        }

        if (_random.Next(6) == 0)
        {
            _events.Insert(_random.Next(_events.Count + 1), Of("""{"error":{"message":"over\"loaded"}}""", """{"error":"gone"}""", """{"error":{"message":"late"},"choices":null}"""));
        }

        Bytes = Encoding.UTF8.GetBytes(Write());
        Cut = _random.Next(6) == 0 ? _random.Next(Bytes.Length + 1) : Bytes.Length;
        Pieces = [.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => _random.Next(1, _random.Next(2) == 0 ? 60 : 5_000))];
        Room = _random.Next(3) == 0 ? _random.Next(1, 200) : 64 * 1024;
    }

    /// <summary>Number of choices, also requested.</summary>
    public int Choices { get; }

    public byte[] Bytes { get; }

    /// <summary>Number of bytes after which the provider disconnects. The full length if it does not.</summary>
    public int Cut { get; }

    public bool IsCut => Cut < Bytes.Length;

    public int[] Pieces { get; }

    public int Room { get; }

    private T Of<T>(params T[] values) => values[_random.Next(values.Length)];

    private void WriteChoices()
    {
        var calls = Enumerable.Range(0, Choices).Select(_ => new List<int>()).ToArray();
        foreach (var index in Enumerable.Range(0, Choices).SelectMany(index => Enumerable.Repeat(index, _random.Next(1, 8))).OrderBy(_ => _random.Next()).ToList())
        {
            _events.Add(Chunk(Choice(index, Delta(calls[index]))));
        }

        foreach (var index in Enumerable.Range(0, Choices).OrderBy(_ => _random.Next()))
        {
            var delta = _random.Next(3) == 0 ? Delta(calls[index]) : [];
            _events.Add(Chunk(Choice(index, delta, calls[index].Count > 0 ? "tool_calls" : Of("stop", "length"))));
        }
    }

    private JsonObject Delta(List<int> calls)
    {
        var delta = new JsonObject();
        if (_random.Next(5) == 0)
        {
            delta["role"] = "assistant";
        }

        if (_random.Next(3) > 0)
        {
            delta[Of(Kinds)] = Of(Texts);
        }

        if (_random.Next(8) == 0)
        {
            delta["content"] ??= null;
        }

        if (_random.Next(3) == 0)
        {
            delta["tool_calls"] = new JsonArray([.. Enumerable.Range(0, _random.Next(0, 3)).Select(_ => Fragment(calls))]);
        }

        if (_random.Next(12) == 0)
        {
            delta["function_call"] = new JsonObject { ["arguments"] = Of(Texts) };
        }

        return delta;
    }

    private JsonObject Fragment(List<int> calls)
    {
        var isNew = calls.Count == 0 || _random.Next(4) == 0;
        if (isNew)
        {
            calls.Add(calls.Count);
        }

        var index = isNew ? calls[^1] : Of(calls.ToArray());
        return isNew
            ? new() { ["index"] = index, ["id"] = $"call_{index}", ["type"] = "function", ["function"] = new JsonObject { ["name"] = Of("f", "wéather"), ["arguments"] = Of(Texts) } }
            : new() { ["index"] = index, ["function"] = new JsonObject { ["arguments"] = Of(Texts) } };
    }

    private JsonObject Choice(int index, JsonObject delta, string? reason = null)
    {
        var choice = new JsonObject { ["index"] = index, ["delta"] = delta };
        if (reason is not null || _random.Next(2) == 0)
        {
            choice["finish_reason"] = reason;
        }

        if (_random.Next(8) == 0)
        {
            choice.Insert(0, "logprobs", _random.Next(2) == 0 ? null : new JsonObject { ["content"] = new JsonArray(0.5) });
        }

        return choice;
    }

    private string Chunk(JsonObject choice)
    {
        var chunk = new JsonObject { ["id"] = "x", ["choices"] = new JsonArray(choice) };
        if (_random.Next(4) == 0)
        {
            chunk["usage"] = _random.Next(2) == 0 ? null : new JsonObject { ["prompt_tokens"] = 9, ["completion_tokens"] = 1, ["total_tokens"] = 10 };
        }

        var isPlain = _random.Next(2) == 0;
        var text = chunk.ToJsonString(new JsonSerializerOptions
        {
            Encoder = isPlain ? System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping : null,
            WriteIndented = _random.Next(8) == 0,
        });
        return isPlain ? text.Replace("\\u2028", "\u2028", StringComparison.Ordinal).Replace("\\u2029", "\u2029", StringComparison.Ordinal).Replace("\\u0085", "\u0085", StringComparison.Ordinal) : text;
    }

    private string Write()
    {
        var text = new StringBuilder(_random.Next(8) == 0 ? "\uFEFF" : "");
        foreach (var one in _events)
        {
            var end = Of("\n", "\n", "\r\n");
            text.Append(_random.Next(10) == 0 ? $": still here{end}{end}" : "");
            text.Append(_random.Next(10) == 0 ? $"id: 7{end}event: chunk{end}" : "");
            text.Append(string.Concat(one.Split('\n').Select(line => $"data:{Of(" ", "")}{line}{end}"))).Append(end);
        }

        return text.Append(_random.Next(5) > 0 ? Of("data: [DONE]\n\n", "data: [DONE]\n", "data:[DONE]") : "").ToString();
    }
}
