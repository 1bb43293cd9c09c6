namespace Cencori.Edge.Providers.Sandbox;

/// <summary>The older completions endpoint: each prompt is a conversation of one question.</summary>
internal static class Completions
{
    public static SandboxReply Answer(RequestReader body, SandboxModel model, TimeProvider time)
    {
        var prompts = TextInput.Read(body, "prompt", Choices.Most);
        var bounds = new AnswerBounds(body.Integer("max_tokens", 1, int.MaxValue), AnswerBounds.ReadStop(body));
        var copies = body.Integer("n", 1, Choices.Most / Math.Max(1, prompts.Count)) ?? 1;
        var stream = body.Flag("stream");
        if (body.Error is { } error)
        {
            return new SandboxReply.Refused(error);
        }

        var each = prompts.Select(prompt => Sandbox.Answer.To(model, Asking(prompt, body.Aborted), bounds)).ToList();
        if (Choices.TooLong(body, copies, each) is { } tooLong)
        {
            return tooLong;
        }

        var answers = each.SelectMany(answer => Enumerable.Repeat(answer, copies)).ToList();
        var shapes = new CompletionShapes(model, answers, prompts.Sum(prompt => prompt.TokenCount), time.GetUtcNow().ToUnixTimeSeconds());
        return stream ? new SandboxReply.Events(shapes.Chunks(body.IncludesUsage())) : SandboxReply.Of(shapes.WriteWhole);
    }

    private static Conversation Asking(TextInput prompt, CancellationToken aborted)
    {
        var conversation = new Conversation(aborted);
        conversation.Add("user", prompt.Text);
        return conversation;
    }
}
