using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox.Generation;

internal static class Responses
{
    public static SandboxReply Respond(RequestReader body, SandboxModel model, TimeProvider time)
    {
        var conversation = ReadInput(body);
        var instructions = body.Text("instructions");
        var maxTokens = body.Integer("max_output_tokens", 1, int.MaxValue);
        var call = FunctionCall.Choose(body, conversation);
        var stream = body.Flag("stream");
        if (body.Error is { } error)
        {
            return new SandboxReply.Refused(error);
        }

        body.TryGet("text", out var text);
        var format = text.ValueKind == JsonValueKind.Object && text.TryGetProperty("format", out var requested) ? requested : default;
        var output = ModelOutput.To(model, conversation, new OutputBounds(maxTokens, []), call, StructuredText.For(format, conversation));
        var response = new ResponseShapes(model, output, time.GetUtcNow().ToUnixTimeSeconds())
        {
            InputTokens = conversation.TokenCount,
            Instructions = instructions,
            MaxOutputTokens = maxTokens,

            // Cencori's Python SDK sends "response_format", which OpenAI's responses API does not have. That SDK fails on unknown response fields.
            OmitsEmptyMembers = body.Has("response_format"),
            Tools = body.TryGet("tools", out var tools) ? SandboxJson.Write(tools.WriteTo) : "[]"u8.ToArray(),
        };
        return stream ? new SandboxReply.Events(new ResponseEvents(model, output, response).All()) : SandboxReply.Of(response.WriteFinished);
    }

    private static Conversation ReadInput(RequestReader body)
    {
        var conversation = new Conversation(body.Aborted);
        if (body.Text("instructions") is { } instructions)
        {
            conversation.Add("developer", instructions);
        }

        if (!body.TryGet("input", out var input) || input.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            body.Refuse("input", "'input' must be a string or an array of items.");
        }
        else if (input.ValueKind == JsonValueKind.String)
        {
            conversation.Add("user", input.GetString()!);
        }
        else
        {
            foreach (var item in input.EnumerateArray())
            {
                Add(conversation, item);
            }
        }

        if (conversation.IsEmpty)
        {
            body.Refuse("input", "'input' must hold at least one item.");
        }

        return conversation;
    }

    // Items of other types (reasoning, earlier calls, references) hold no text to respond to.
    private static void Add(Conversation conversation, JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (item.TryGetProperty("role", out var role) && role.ValueKind == JsonValueKind.String)
        {
            item.TryGetProperty("content", out var content);
            conversation.Add(role.GetString()!, Conversation.TextOf(content));
        }
        else if (item.TryGetProperty("output", out var output)
            && item.TryGetProperty("type", out var type)
            && type.ValueKind == JsonValueKind.String
            && (type.ValueEquals("function_call_output") || type.ValueEquals("custom_tool_call_output")))
        {
            conversation.Add("tool", Conversation.TextOf(output));
        }
    }
}
