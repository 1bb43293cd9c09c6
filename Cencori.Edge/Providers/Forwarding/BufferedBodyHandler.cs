using Cencori.Edge.Bodies;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// Sends a body that the edge holds in place of YARP's copy of it. That one can be sent once, and the client below sends again what a
/// provider has not looked at; and it flushes the head before the body, so that both sides of a small request would have twice the work.
/// </summary>
internal sealed class BufferedBodyHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<HttpContent> Body = new("Cencori.Edge.Body");

    /// <summary>Puts this in place of the body that YARP would copy, with the headers of that but for its length.</summary>
    public static void Set(HttpRequestMessage request, HttpContent body) => request.Options.Set(Body, body);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Here and not in a transform: of those, YARP accepts no content but its own.
        if (!request.Options.TryGetValue(Body, out var body) || request.Content is not { } copied)
        {
            return base.SendAsync(request, cancellationToken);
        }

        foreach (var (name, values) in copied.Headers.NonValidated)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                body.Headers.TryAddWithoutValidation(name, values);
            }
        }

        request.Content = body;
        return body is SplicedContent { Progress: { } progress }
            ? SendPiecesAsync(request, copied, progress, cancellationToken)
            : base.SendAsync(request, cancellationToken);
    }

    // A slow provider that accepts piece after piece is alive, and only YARP's copier can tell YARP so: it copies the progress meanwhile.
    private async Task<HttpResponseMessage> SendPiecesAsync(HttpRequestMessage request, HttpContent copied, WriteProgress progress, CancellationToken cancellationToken)
    {
        copied.Headers.ContentLength = null;
        var copying = copied.CopyToAsync(progress, cancellationToken);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            // YARP waits for its copier before it ends the request.
            progress.End();
            await copying;
        }
    }
}
