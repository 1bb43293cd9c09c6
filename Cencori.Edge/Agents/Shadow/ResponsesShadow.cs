using System.Text.Json.Nodes;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Removes tool calls from OpenAI's Responses API: items that the caller would execute. Renumbers the items after them.</summary>
internal sealed class ResponsesShadow : ShadowFormat
{
    // Types of items that the caller executes. The provider's own tools have run already when their item arrives.
    private static readonly string[] OfCaller =
        ["function_call", "custom_tool_call", "computer_call", "local_shell_call", "shell_call", "apply_patch_call", "mcp_approval_request"];

    private static readonly string[] PartsOfCalls = ["response.function_call_arguments.", "response.custom_tool_call_input."];

    private readonly SortedSet<int> _held = [];
    private readonly List<RequestedCall> _calls = [];
    private int _dropped;

    // True after the final event or an error: later calls are not recorded.
    private bool _isOver;

    public override int Dropped => _dropped;

    public override Verdict Read(JsonObject data)
    {
        var type = Text(data, "type");
        _isOver |= type == "error" || data["error"] is not null;
        if (data["response"] is JsonObject response)
        {
            var wasChanged = TakeFrom(response);
            if (type is "response.completed" or "response.incomplete" or "response.failed" or "response.cancelled")
            {
                End(isComplete: type == "response.completed" && IsCompleted(response));
            }

            return Renumber(data, 0) == Verdict.Changed || wasChanged || Ready.Count > 0 ? Verdict.Changed : Verdict.Pass;
        }

        var item = data["item"] is JsonObject one && IsHeld(one) ? one : null;
        var isOfCall = item is not null || (type is not null && Array.Exists(PartsOfCalls, part => type.StartsWith(part, StringComparison.Ordinal)));
        if (Number(data, "output_index") is not { } index)
        {
            return isOfCall || data["output_index"] is not null ? throw new ShadowException("An event does not contain the index of its item.") : Renumber(data, 0);
        }

        if (isOfCall)
        {
            _held.Add(index);
            ShadowJson.CheckCount(_held.Count);
        }

        if (item is not null && type == "response.output_item.done")
        {
            Add(item);
        }

        if (_held.Contains(index))
        {
            _dropped++;
            return Verdict.Dropped;
        }

        return Renumber(data, _held.Count(held => held < index));
    }

    public override bool ReadDocument(JsonObject document)
    {
        var wasChanged = TakeFrom(document);
        End(IsCompleted(document));
        return wasChanged;
    }

    public override string? AddNotice(JsonObject? data, JsonObject notice)
    {
        if (data is not null)
        {
            (data["response"] as JsonObject ?? data)[Member] = notice;
        }

        return null;
    }

    private static bool IsHeld(JsonObject item) => Text(item, "type") is { } type && OfCaller.Contains(type);

    // False if the response was cut off, perhaps within a call.
    private static bool IsCompleted(JsonObject response) => Text(response, "status") is null or "completed";

    private void End(bool isComplete)
    {
        if (isComplete && !_isOver)
        {
            Ready.AddRange(_calls);
        }

        _isOver = true;
        _calls.Clear();
    }

    private bool TakeFrom(JsonObject response)
    {
        if (response["output"] is not JsonArray output)
        {
            return false;
        }

        var held = output.OfType<JsonObject>().Where(IsHeld).ToList();
        foreach (var item in held)
        {
            Add(item);
            output.Remove(item);
        }

        return held.Count > 0;
    }

    // Adds a call once: the last event of a stream repeats the items of earlier events.
    private void Add(JsonObject item)
    {
        var type = Text(item, "type")!;
        var id = Text(item, "call_id") ?? Text(item, "id");
        if (_isOver || Text(item, "status") is "incomplete" || (id is not null && _calls.Exists(call => call.CallId == id)))
        {
            return;
        }

        var arguments = Text(item, "arguments") ?? Text(item, "input") ?? (item["action"] ?? item["operation"])?.ToJsonString() ?? "";
        _calls.Add(Checked(id, Text(item, "name") ?? type, arguments));
    }

    private Verdict Renumber(JsonObject data, int before)
    {
        if (_dropped == 0)
        {
            return Verdict.Pass;
        }

        if (before > 0)
        {
            data["output_index"] = Number(data, "output_index") - before;
        }

        if (Number(data, "sequence_number") is { } number)
        {
            data["sequence_number"] = number - _dropped;
        }

        return Verdict.Changed;
    }
}
