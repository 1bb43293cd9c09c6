using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox.Generation;

internal static class ChatCompletions
{
    public static SandboxReply Respond(RequestReader body, SandboxModel model, TimeProvider time)
    {
        var conversation = ReadMessages(body);
        var maxTokens = body.Integer("max_completion_tokens", 1, int.MaxValue) ?? body.Integer("max_tokens", 1, int.MaxValue);
        var bounds = new OutputBounds(maxTokens, OutputBounds.ReadStop(body));
        var choices = body.Integer("n", 1, Choices.Max) ?? 1;
        var call = FunctionCall.Choose(body, conversation);
        body.TryGet("response_format", out var format);
        var stream = body.Flag("stream");
        if (body.Error is { } error)
        {
            return new SandboxReply.Refused(error);
        }

        var output = ModelOutput.To(model, conversation, bounds, call, StructuredText.For(format, conversation));
        if (Choices.TooLong(body, choices, output) is { } tooLong)
        {
            return tooLong;
        }

        var shapes = new ChatCompletionShapes(model, output, choices, conversation.TokenCount, time.GetUtcNow().ToUnixTimeSeconds());
        return stream ? new SandboxReply.Events(shapes.Chunks(body.IncludesUsage())) : SandboxReply.Of(shapes.WriteWhole);
    }

    private static Conversation ReadMessages(RequestReader body)
    {
        var conversation = new Conversation(body.Aborted);
        if (!body.TryGet("messages", out var messages) || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            body.Refuse("messages", "'messages' must be an array with at least one message.");
            return conversation;
        }

        foreach (var message in messages.EnumerateArray())
        {
            if (message.ValueKind != JsonValueKind.Object
                || !message.TryGetProperty("role", out var role)
                || role.ValueKind != JsonValueKind.String)
            {
                body.Refuse("messages", "Every message must be an object with a 'role'.");
                break;
            }

            message.TryGetProperty("content", out var content);
            conversation.Add(role.GetString()!, Conversation.TextOf(content));
        }

        return conversation;
    }
}
