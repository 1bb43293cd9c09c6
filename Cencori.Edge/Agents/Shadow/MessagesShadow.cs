using System.Text;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Removes tool calls from Anthropic's messages: blocks that the caller would execute. Renumbers the blocks after them.</summary>
internal sealed class MessagesShadow : ShadowFormat
{
    // Stop reasons of a message that was cut off, perhaps within a block.
    private static readonly string[] CutOff = ["max_tokens", "model_context_window_exceeded", "refusal"];

    private readonly SortedDictionary<int, Block> _held = [];

    // Removed blocks that are not complete yet.
    private readonly List<Block> _open = [];
    private int _length;
    private bool _isBroken;

    public override Verdict Read(JsonObject data)
    {
        var type = Text(data, "type");
        if (data["content_block"] is JsonObject block && IsHeld(block))
        {
            Hold(IndexOf(data), block);
            return Verdict.Dropped;
        }

        switch (type)
        {
            case "content_block_start" or "content_block_delta" or "content_block_stop":
                return ReadBlock(data, IndexOf(data));
            case "message_start" when (data["message"]?["content"] as JsonArray)?.OfType<JsonObject>().Any(IsHeld) == true:
                throw new ShadowException("The first event of the stream already contains a tool call.");
            case "message_delta" when data["delta"] is JsonObject delta && delta["stop_reason"] is not null && _held.Count > 0:
                AddOpenCalls(delta);
                return Verdict.Changed;
            case "error":
                _isBroken = true;
                return Verdict.Pass;
            default:
                return Verdict.Pass;
        }
    }

    public override bool ReadDocument(JsonObject document)
    {
        if (document["content"] is not JsonArray content)
        {
            return false;
        }

        var held = content.OfType<JsonObject>().Where(IsHeld).ToList();
        foreach (var block in held)
        {
            content.Remove(block);
            if (!IsCutOff(document))
            {
                AddCall(Text(block, "id"), Text(block, "name") ?? "", block["input"]?.ToJsonString() ?? "");
            }
        }

        End(document);
        return held.Count > 0;
    }

    public override string? AddNotice(JsonObject? data, JsonObject notice)
    {
        if (data is not null)
        {
            data[Member] = notice;
        }

        return null;
    }

    private static bool IsHeld(JsonObject block) => Text(block, "type") == "tool_use";

    private static bool IsCutOff(JsonObject message) => Text(message, "stop_reason") is { } reason && CutOff.Contains(reason);

    private static int IndexOf(JsonObject data) => Number(data, "index") ?? throw new ShadowException("An event does not contain the index of its block.");

    private static void End(JsonObject message)
    {
        if (Text(message, "stop_reason") == "tool_use")
        {
            message["stop_reason"] = "end_turn";
        }
    }

    private void Hold(int index, JsonObject start)
    {
        ShadowJson.CheckCount(_held.Count + 1);
        ShadowJson.CheckCount(_open.Count + 1);
        var block = new Block(Text(start, "id"), Text(start, "name") ?? "", start["input"]?.ToJsonString() ?? "{}");
        _held[index] = block;
        _open.Add(block);
        ShadowJson.CheckLength(block.Length);
        ShadowJson.CheckAll(_length += block.Length);
    }

    private void AddOpenCalls(JsonObject delta)
    {
        foreach (var block in _open)
        {
            if (!_isBroken && !IsCutOff(delta))
            {
                AddCall(block.Id, block.Tool, block.Arguments);
            }
        }

        _open.Clear();
        End(delta);
    }

    private Verdict ReadBlock(JsonObject data, int index)
    {
        if (_held.TryGetValue(index, out var block))
        {
            var part = Text(data["delta"], "partial_json");
            block.Add(part);
            ShadowJson.CheckLength(block.Length);
            ShadowJson.CheckAll(_length += part?.Length ?? 0);
            return Verdict.Dropped;
        }

        if (_held.Keys.Count(held => held < index) is > 0 and var before)
        {
            data["index"] = index - before;
            return Verdict.Changed;
        }

        return Verdict.Pass;
    }

    private sealed class Block(string? id, string tool, string whole)
    {
        private readonly StringBuilder _arguments = new();

        public string? Id => id;

        public string Tool => tool;

        public string Arguments => _arguments.Length > 0 ? _arguments.ToString() : whole;

        public int Length => Math.Max(_arguments.Length, whole.Length);

        public void Add(string? part) => _arguments.Append(part);
    }
}
