namespace Cencori.Edge.Providers.Sandbox;

/// <summary>How often one request may have its answer said again.</summary>
internal static class Choices
{
    public const int Most = 16;

    // As much as one body can hold, so that whatever fits into a request can be answered once.
    private const int MostCharacters = BoundedBody.MostBytes;

    public static SandboxReply? TooLong(RequestReader body, int copies, int length)
    {
        if (copies == 1 || (long)copies * length <= MostCharacters)
        {
            return null;
        }

        body.Refuse("n", $"'n' times the length of the answer must not be more than {MostCharacters} characters.");
        return new SandboxReply.Refused(body.Error!);
    }
}
