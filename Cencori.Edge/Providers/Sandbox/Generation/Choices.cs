namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>Limits for several choices or several prompts in one request.</summary>
internal static class Choices
{
    public const int Max = 16;

    /// <summary>Maximum number of tokens of all choices together. A single choice has no limit, so that every accepted request can be echoed.</summary>
    public const int MaxTokens = 10_000;

    public static SandboxReply? TooLong(RequestReader body, int copies, params IReadOnlyList<ModelOutput> outputs)
    {
        if (copies * outputs.Count <= 1 || (long)copies * outputs.Sum(output => (long)output.TokenCount) <= MaxTokens)
        {
            return null;
        }

        body.Refuse(copies > 1 ? "n" : "prompt", $"All choices of one request together must not be longer than {MaxTokens} tokens.");
        return new SandboxReply.Refused(body.Error!);
    }
}
