namespace Cencori.Edge.Providers.Sandbox;

/// <summary>How much one request may have said for several prompts, or several times.</summary>
internal static class Choices
{
    public const int Most = 16;

    /// <summary>All answers together. One alone may be as long as a body, so that whatever fits into a request can be answered.</summary>
    public const int MaxTokens = 10_000;

    public static SandboxReply? TooLong(RequestReader body, int copies, params IReadOnlyList<ModelOutput> outputs)
    {
        if (copies * outputs.Count <= 1 || (long)copies * outputs.Sum(output => (long)output.TokenCount) <= MaxTokens)
        {
            return null;
        }

        body.Refuse(copies > 1 ? "n" : "prompt", $"All answers to one request together must not be longer than {MaxTokens} tokens.");
        return new SandboxReply.Refused(body.Error!);
    }
}
