namespace Cencori.Edge.Tests.Infrastructure.Clients;

/// <summary>An error as a client received it. <see cref="ResponseAssertions"/> parses it and checks it against the contract.</summary>
/// <remarks>The nested dialect has no title, the flat one no type.</remarks>
public sealed record ErrorResponse(HttpResponseMessage Response, string Code, string? Type, string? Title, string Message, string? Param, string? Reason)
{
    public int Status => (int)Response.StatusCode;

    public string? Header(string name) => Response.Header(name);
}
