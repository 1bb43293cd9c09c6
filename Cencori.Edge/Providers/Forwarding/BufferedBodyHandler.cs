using Cencori.Edge.Bodies;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// Sends a body that the edge holds instead of YARP's copy. YARP's copy can be sent only once, but the HTTP client below sends again
/// what a provider has not processed. YARP also flushes the headers before the body, which doubles the work for a small request.
/// </summary>
internal sealed class BufferedBodyHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<HttpContent> Body = new("Cencori.Edge.Body");

    /// <summary>Replaces the body that YARP would copy. The headers of that body stay, except for its length.</summary>
    public static void Set(HttpRequestMessage request, HttpContent body) => request.Options.Set(Body, body);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Done here because YARP accepts no other content from a transform.
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

    // A slow provider that accepts piece after piece is alive. Only YARP's copier can reset YARP's timeout, so it copies the progress meanwhile.
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
