using System.Text.Json.Nodes;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>OpenAI's responses: items that the caller is to carry out are taken out, and those behind them move up.</summary>
internal sealed class ResponsesShadow : ShadowFormat
{
    // What the caller carries out. The provider's own tools are done when their item comes.
    private static readonly string[] OfCaller =
        ["function_call", "custom_tool_call", "computer_call", "local_shell_call", "shell_call", "apply_patch_call", "mcp_approval_request"];

    private readonly SortedSet<int> _held = [];
    private readonly List<HeldCall> _calls = [];
    private int _dropped;

    public override Verdict Read(JsonObject data)
    {
        var type = Text(data, "type");
        if (type?.StartsWith("response.", StringComparison.Ordinal) != true)
        {
            return Renumber(data, 0);
        }

        if (data["response"] is JsonObject response)
        {
            var isEnd = type is "response.completed" or "response.incomplete" or "response.failed" or "response.cancelled";
            var wasChanged = TakeFrom(response);
            if (isEnd)
            {
                Ready.AddRange(_calls);
                _calls.Clear();
            }

            return Renumber(data, 0) == Verdict.Changed || wasChanged || Ready.Count > 0 ? Verdict.Changed : Verdict.Pass;
        }

        if (Number(data, "output_index") is not { } index)
        {
            return Renumber(data, 0);
        }

        if (data["item"] is JsonObject item && IsHeld(item))
        {
            _held.Add(index);
            if (type == "response.output_item.done")
            {
                Add(item);
            }
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
        Ready.AddRange(_calls);
        return wasChanged;
    }

    public override string? Tell(JsonObject? data, JsonObject notice)
    {
        if (data is not null)
        {
            (data["response"] as JsonObject ?? data)[Member] = notice;
        }

        return null;
    }

    private static bool IsHeld(JsonObject item) => Text(item, "type") is { } type && OfCaller.Contains(type);

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

    // The end of a stream repeats what its items were.
    private void Add(JsonObject item)
    {
        var type = Text(item, "type")!;
        var id = Text(item, "call_id") ?? Text(item, "id");
        if (id is not null && _calls.Exists(call => call.CallId == id))
        {
            return;
        }

        var arguments = Text(item, "arguments") ?? Text(item, "input") ?? (item["action"] ?? item["operation"])?.ToJsonString() ?? "";
        ShadowJson.CheckCount(_calls.Count + 1);
        ShadowJson.CheckLength(arguments.Length);
        _calls.Add(new(id, Text(item, "name") ?? type, arguments));
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
