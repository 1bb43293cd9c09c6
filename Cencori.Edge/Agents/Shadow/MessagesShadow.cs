using System.Text;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Anthropic's messages: blocks that the caller is to carry out are taken out, and those behind them move up.</summary>
internal sealed class MessagesShadow : ShadowFormat
{
    private readonly SortedDictionary<int, Block> _held = [];

    public override Verdict Read(JsonObject data)
    {
        switch (Text(data, "type"))
        {
            case "content_block_start" when Number(data, "index") is { } index && data["content_block"] is JsonObject block && IsHeld(block):
                ShadowJson.CheckCount(_held.Count + 1);
                _held[index] = new(Text(block, "id"), Text(block, "name") ?? "", block["input"]?.ToJsonString());
                return Verdict.Dropped;
            case "content_block_start" or "content_block_delta" or "content_block_stop" when Number(data, "index") is { } index:
                return ReadBlock(data, index);
            case "message_delta" when data["delta"] is JsonObject delta && delta["stop_reason"] is not null && _held.Count > 0:
                Ready.AddRange(_held.Values.Select(block => block.Held));
                End(delta);
                return Verdict.Changed;
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
            var arguments = block["input"]?.ToJsonString() ?? "";
            ShadowJson.CheckLength(arguments.Length);
            Ready.Add(new(Text(block, "id"), Text(block, "name") ?? "", arguments));
            content.Remove(block);
        }

        ShadowJson.CheckCount(held.Count);
        End(document);
        return held.Count > 0;
    }

    public override string? Tell(JsonObject? data, JsonObject notice)
    {
        if (data is not null)
        {
            data[Member] = notice;
        }

        return null;
    }

    private static bool IsHeld(JsonObject block) => Text(block, "type") == "tool_use";

    private static void End(JsonObject message)
    {
        if (Text(message, "stop_reason") == "tool_use")
        {
            message["stop_reason"] = "end_turn";
        }
    }

    private Verdict ReadBlock(JsonObject data, int index)
    {
        if (_held.TryGetValue(index, out var block))
        {
            block.Add(Text(data["delta"], "partial_json"));
            return Verdict.Dropped;
        }

        if (_held.Keys.Count(held => held < index) is > 0 and var before)
        {
            data["index"] = index - before;
            return Verdict.Changed;
        }

        return Verdict.Pass;
    }

    private sealed class Block(string? id, string tool, string? whole)
    {
        private readonly StringBuilder _arguments = new();

        public HeldCall Held => new(id, tool, _arguments.Length > 0 ? _arguments.ToString() : whole ?? "{}");

        public void Add(string? part)
        {
            _arguments.Append(part);
            ShadowJson.CheckLength(_arguments.Length);
        }
    }
}
