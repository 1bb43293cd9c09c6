using System.Text.Json.Nodes;
using Cencori.Edge.Dialects;
using Cencori.Edge.Dialects.ChatChunks;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Removes tool calls from chat completions, and from responses of native endpoints (<c>/api/ai/…</c>), which have more members.</summary>
internal sealed class ChatShadow(bool isNative) : ShadowFormat
{
    private const string Stop = "stop";

    // Finish reasons of a choice that was cut off, perhaps within a tool call.
    private static readonly string[] CutOff = ["length", "model_length", "max_tokens", "content_filter", "error", "insufficient_system_resource"];

    // Tool calls by the index of their choice. Null: the choice was cut off, so its calls are ignored.
    private readonly SortedDictionary<int, ToolCallBuffers?> _calls = [];
    private bool _isBroken;

    public override Verdict Read(JsonObject data)
    {
        if (data["error"] is not null)
        {
            Break();
        }

        var (wasChanged, isLeft) = (false, data["choices"] is not JsonArray { Count: > 0 } || data["usage"] is JsonObject);
        foreach (var (choice, place) in ChoicesOf(data))
        {
            var index = Number(choice, "index") ?? place;
            var isOfDelta = TakeFragments(choice["delta"], index);
            var hadCalls = RemoveCalls(choice["message"], IsCutOff(choice));
            wasChanged |= isOfDelta | hadCalls;
            // Some providers send an empty reason in every event.
            if (Text(choice, "finish_reason") is { Length: > 0 })
            {
                wasChanged |= End(choice, index);
                isLeft = true;
            }

            isLeft |= !isOfDelta || choice["delta"] is JsonObject { Count: > 0 };
        }

        wasChanged |= TakeFromTop(data);
        return !wasChanged ? Verdict.Pass : isLeft ? Verdict.Changed : Verdict.Dropped;
    }

    public override bool ReadDocument(JsonObject document)
    {
        var wasChanged = false;
        foreach (var (choice, _) in ChoicesOf(document))
        {
            wasChanged |= RemoveCalls(choice["message"], IsCutOff(choice) || document["error"] is not null);
            wasChanged |= ReplaceFinishReason(choice);
        }

        return wasChanged | TakeFromTop(document);
    }

    // A stream may have its end marker but no finish reason. Its calls are recorded nevertheless.
    public override void Finish()
    {
        foreach (var calls in _calls.Values)
        {
            AddCalls(calls);
        }

        _calls.Clear();
    }

    public override void Release()
    {
        foreach (var calls in _calls.Values)
        {
            calls?.Release();
        }

        _calls.Clear();
    }

    public override string? AddNotice(JsonObject? data, JsonObject notice)
    {
        if (isNative)
        {
            return $"event: shadow_mode\ndata: {ShadowJson.Text(notice)}\n\n";
        }

        var chunk = new JsonObject();
        foreach (var name in (string[])["id", "object", "created", "model"])
        {
            if (data?[name] is { } value)
            {
                chunk[name] = value.DeepClone();
            }
        }

        chunk["object"] ??= "chat.completion.chunk";
        chunk["choices"] = new JsonArray();
        chunk[Member] = notice;
        return $"data: {ShadowJson.Text(chunk)}\n\n";
    }

    private static IEnumerable<(JsonObject Choice, int Place)> ChoicesOf(JsonObject data) =>
        data["choices"] is JsonArray choices ? choices.OfType<JsonObject>().Select((choice, place) => (choice, place)) : [];

    private static bool IsCutOff(JsonObject choice) => Text(choice, "finish_reason") is { } reason && CutOff.Contains(reason);

    // Called at an error in the stream: incomplete calls, and calls after the error, are not recorded.
    private void Break()
    {
        Release();
        _isBroken = true;
    }

    private bool TakeFragments(JsonNode? delta, int choice)
    {
        if (delta is not JsonObject holder)
        {
            return false;
        }

        var (calls, older) = (holder["tool_calls"] as JsonArray, holder["function_call"] as JsonObject);
        var wasThere = holder.Remove("tool_calls") | holder.Remove("function_call");
        if (_isBroken || (calls is not { Count: > 0 } && older is null))
        {
            return wasThere;
        }

        if (!_calls.TryGetValue(choice, out var held))
        {
            ShadowJson.CheckCount(_calls.Count + 1);
            _calls[choice] = held = new();
        }

        if (held is null)
        {
            return wasThere;
        }

        if (calls is not null)
        {
            var json = ShadowJson.Bytes(calls);
            held.Add(json, ..json.Length);
        }

        if (older is not null)
        {
            var json = ShadowJson.Bytes(older);
            held.AddFunction(json, ..json.Length);
        }

        ShadowJson.CheckHeld(held.AreTooMany, _calls.Values.Sum(one => (long)(one?.Bytes ?? 0)));
        return wasThere;
    }

    private bool RemoveCalls(JsonNode? message, bool isCutOff)
    {
        if (message is not JsonObject holder)
        {
            return false;
        }

        if (!isCutOff && !_isBroken)
        {
            AddCalls(holder);
        }

        return holder.Remove("tool_calls") | holder.Remove("function_call");
    }

    private bool End(JsonObject choice, int index)
    {
        var isOver = _calls.TryGetValue(index, out var calls);
        if (isOver && IsCutOff(choice))
        {
            calls?.Release();
            _calls[index] = null;
        }
        else if (isOver && calls is not null)
        {
            _calls.Remove(index);
            AddCalls(calls);
        }

        return ReplaceFinishReason(choice) | isOver;
    }

    // Replaces the finish reason "tool_calls" or "function_call" by "stop": the calls are removed, so a client must not expect them.
    private static bool ReplaceFinishReason(JsonObject choice)
    {
        if (Text(choice, "finish_reason") is not ("tool_calls" or "function_call"))
        {
            return false;
        }

        choice["finish_reason"] = Stop;
        return true;
    }

    private void AddCalls(ToolCallBuffers? calls)
    {
        if (calls is null)
        {
            return;
        }

        var json = new TextBuffer();
        json.Append((byte)'{');
        calls.WriteMembers(json, hasOthers: false);
        json.Append((byte)'}');
        calls.Release();
        var holder = ShadowJson.Parse(json.Span);
        json.Clear();
        AddCalls(holder!);
    }

    private void AddCalls(JsonObject holder)
    {
        foreach (var call in (holder["tool_calls"] as JsonArray ?? []).OfType<JsonObject>())
        {
            AddCalls(Text(call, "id"), call["function"] ?? call["custom"]);
        }

        if (holder["function_call"] is JsonObject older)
        {
            AddCalls(null, older);
        }
    }

    private void AddCalls(string? id, JsonNode? called) => AddCall(id, Text(called, "name") ?? "", Text(called, "arguments") ?? Text(called, "input") ?? "");

    // Removes tool calls and their finish reason from the top level of the document, where a response of a native endpoint repeats them.
    // Returns true if the document has changed. Responses of other endpoints never change.
    private bool TakeFromTop(JsonObject data)
    {
        if (!isNative)
        {
            return false;
        }

        var wasThere = data.Remove("tool_calls") | data["toolCalls"] is not null;
        if (data.ContainsKey("toolCalls"))
        {
            data["toolCalls"] = null;
        }

        return ReplaceFinishReason(data) | wasThere;
    }
}
