using Cencori.Edge.Admin;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Exchanges.InProcess;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>
/// Sends a playground request through the same pipeline as any caller's request. Such a request has no API key; it contains the project id and the
/// environment instead. Limits and budgets apply, and the record names the user who sent the request.
/// </summary>
internal sealed class PlaygroundRunner(InProcessClient client, PlaygroundModels models)
{
    /// <summary>The value in place of a key id in records of playground requests.</summary>
    public const string KeyId = "playground";

    /// <param name="page">The user and the project.</param>
    /// <param name="input">The request to send.</param>
    /// <param name="isStream">True: asks for the response as a stream.</param>
    /// <param name="response">Receives the response body.</param>
    /// <param name="beginning">Called before the first byte, with the response's status and headers as a client would get them; null: not needed.</param>
    /// <exception cref="RefusedException">A field is invalid.</exception>
    public async Task<Exchange> RunAsync(PageRequest page, PlaygroundInput input, bool isStream, Stream response, Action<HttpResponse>? beginning)
    {
        var body = PlaygroundBody.Write(input, await models.TokensNameAsync(page.Project.Id, input), isStream);
        var request = new InProcessRequest
        {
            ProjectId = page.Project.Id,
            Environment = input.Environment,
            KeyId = KeyId,
            App = $"{KeyId}: {page.Actor.Name}",
            Path = "/v1/chat/completions",
            Json = body,
            Address = page.Context.Connection.RemoteIpAddress,
            Beginning = beginning,
        };
        return await client.SendAsync(request, response, page.Aborted) ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such project."));
    }
}
