using Cencori.Edge.Admin;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Exchanges.InProcess;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>
/// Sends what was put together the way of any caller. There is no key: the edge brings the caller itself, for one request of this project. Limits
/// and budgets count it, and its record says who sent it.
/// </summary>
internal sealed class PlaygroundRunner(InProcessClient client, PlaygroundModels models)
{
    /// <summary>In the place of a key's id, in records.</summary>
    public const string KeyId = "playground";

    /// <param name="page">Whoever sends it, and for which project.</param>
    /// <param name="input">What.</param>
    /// <param name="isStream">Whether the response is to come piece by piece.</param>
    /// <param name="response">Gets its body.</param>
    /// <param name="beginning">Runs before the first byte, with status and headers as a client would get them; null: nobody wants them.</param>
    /// <exception cref="RefusedException">A field is not what it must be.</exception>
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
