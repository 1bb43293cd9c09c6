namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>An error as a client received it; <see cref="Answers"/> reads it, and holds it to what the contract says of every error.</summary>
/// <remarks>The nested dialect has no title, the flat one no type.</remarks>
public sealed record ErrorAnswer(HttpResponseMessage Answer, string Code, string? Type, string? Title, string Message, string? Param, string? Reason)
{
    public int Status => (int)Answer.StatusCode;

    public string? Header(string name) => Answer.Header(name);
}
