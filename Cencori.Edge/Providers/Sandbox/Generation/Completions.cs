namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>The legacy completions endpoint: each prompt is a conversation with one user message.</summary>
internal static class Completions
{
    public static SandboxReply Respond(RequestReader body, SandboxModel model, TimeProvider time)
    {
        var prompts = TextInput.Read(body, "prompt", Choices.Max);
        var bounds = new OutputBounds(body.Integer("max_tokens", 1, int.MaxValue), OutputBounds.ReadStop(body));
        var copies = body.Integer("n", 1, Choices.Max / Math.Max(1, prompts.Count)) ?? 1;
        var stream = body.Flag("stream");
        if (body.Error is { } error)
        {
            return new SandboxReply.Refused(error);
        }

        var each = prompts.Select(prompt => ModelOutput.To(model, ConversationOf(prompt, body.Aborted), bounds)).ToList();
        if (Choices.TooLong(body, copies, each) is { } tooLong)
        {
            return tooLong;
        }

        var outputs = each.SelectMany(output => Enumerable.Repeat(output, copies)).ToList();
        var shapes = new CompletionShapes(model, outputs, prompts.Sum(prompt => prompt.TokenCount), time.GetUtcNow().ToUnixTimeSeconds());
        return stream ? new SandboxReply.Events(shapes.Chunks(body.IncludesUsage())) : SandboxReply.Of(shapes.WriteWhole);
    }

    private static Conversation ConversationOf(TextInput prompt, CancellationToken aborted)
    {
        var conversation = new Conversation(aborted);
        conversation.Add("user", prompt.Text);
        return conversation;
    }
}
