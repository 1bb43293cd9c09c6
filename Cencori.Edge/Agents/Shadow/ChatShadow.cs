using System.Text;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Chat completions, and the native door's superset of them.</summary>
internal sealed class ChatShadow(bool isNative) : ShadowFormat
{
    private const string Stop = "stop";

    // By choice and place in it; the older single function call has a place of its own.
    private readonly SortedDictionary<(int Choice, int Place), Call> _calls = [];

    public override Verdict Read(JsonObject data)
    {
        var (wasChanged, isLeft) = (false, data["choices"] is not JsonArray { Count: > 0 } || data["usage"] is JsonObject);
        foreach (var choice in ChoicesOf(data))
        {
            var index = Number(choice, "index") ?? 0;
            var isOfDelta = TakeFrom(choice["delta"], index);
            wasChanged |= isOfDelta | TakeFrom(choice["message"], index);
            if (Text(choice, "finish_reason") is not null)
            {
                wasChanged |= End(choice, index);
                isLeft = true;
            }

            isLeft |= !isOfDelta || choice["delta"] is JsonObject { Count: > 0 };
        }

        wasChanged |= TakeWhole(data);
        return !wasChanged ? Verdict.Pass : isLeft ? Verdict.Changed : Verdict.Dropped;
    }

    public override bool ReadDocument(JsonObject document)
    {
        var wasChanged = false;
        foreach (var choice in ChoicesOf(document))
        {
            var index = Number(choice, "index") ?? 0;
            wasChanged |= TakeFrom(choice["message"], index);
            wasChanged |= End(choice, index);
        }

        return wasChanged | TakeWhole(document);
    }

    // A stream that ends at once behind its calls has asked for them all the same.
    public override void Finish()
    {
        Ready.AddRange(_calls.Values.Select(call => call.Held));
        _calls.Clear();
    }

    public override string? Tell(JsonObject? data, JsonObject notice)
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

    private static IEnumerable<JsonObject> ChoicesOf(JsonObject data) => data["choices"] is JsonArray choices ? choices.OfType<JsonObject>() : [];

    private bool TakeFrom(JsonNode? message, int choice)
    {
        if (message is not JsonObject holder)
        {
            return false;
        }

        var (calls, older) = (holder["tool_calls"], holder["function_call"]);
        var wasThere = holder.Remove("tool_calls") | holder.Remove("function_call");
        foreach (var call in (calls as JsonArray ?? []).Select((call, place) => (Call: call as JsonObject, Place: place)))
        {
            Add((choice, Number(call.Call, "index") ?? call.Place), Text(call.Call, "id"), (call.Call?["function"] ?? call.Call?["custom"]) as JsonObject);
        }

        Add((choice, -1), null, older as JsonObject);
        return wasThere;
    }

    private void Add((int, int) at, string? id, JsonObject? part)
    {
        if (id is null && part is null)
        {
            return;
        }

        if (!_calls.TryGetValue(at, out var call))
        {
            ShadowJson.CheckCount(_calls.Count + 1);
            call = _calls[at] = new Call();
        }

        call.Add(id, Text(part, "name"), Text(part, "arguments") ?? Text(part, "input"));
    }

    private bool End(JsonObject choice, int index)
    {
        var ended = _calls.Where(call => call.Key.Choice == index).ToList();
        foreach (var (at, call) in ended)
        {
            Ready.Add(call.Held);
            _calls.Remove(at);
        }

        // A client that reads this goes on with calls, of which it finds none.
        if (Text(choice, "finish_reason") is "tool_calls" or "function_call")
        {
            choice["finish_reason"] = Stop;
            return true;
        }

        return ended.Count > 0;
    }

    // The native door repeats on top what stands in the choices.
    private bool TakeWhole(JsonObject data)
    {
        if (!isNative)
        {
            return false;
        }

        var calls = data["tool_calls"] as JsonArray ?? data["toolCalls"] as JsonArray;
        if (Ready.Count == 0 && calls is not null)
        {
            foreach (var call in calls.OfType<JsonObject>())
            {
                Ready.Add(new(Text(call, "id"), Text(call["function"], "name") ?? "", Text(call["function"], "arguments") ?? ""));
            }
        }

        var wasThere = data.Remove("tool_calls") | calls is not null;
        if (data.ContainsKey("toolCalls"))
        {
            data["toolCalls"] = null;
        }

        if (Text(data, "finish_reason") is "tool_calls" or "function_call")
        {
            data["finish_reason"] = Stop;
            return true;
        }

        return wasThere;
    }

    private sealed class Call
    {
        private readonly StringBuilder _arguments = new();
        private string? _id;
        private string _tool = "";

        public HeldCall Held => new(_id, _tool, _arguments.ToString());

        public void Add(string? id, string? tool, string? arguments)
        {
            _id ??= id;
            _tool = _tool.Length == 0 ? tool ?? "" : _tool;
            _arguments.Append(arguments);
            ShadowJson.CheckLength(_arguments.Length);
        }
    }
}
