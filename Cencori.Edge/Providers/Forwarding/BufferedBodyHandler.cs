using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Bodies.Splicing;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// Sends a body that the edge holds, instead of the content that YARP makes. YARP's content can be sent only once, but the inner HTTP client repeats a
/// request that a provider has not processed. YARP also flushes the headers before the body, which doubles the work for a small request.
/// </summary>
internal sealed class BufferedBodyHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<HttpContent> Body = new("Cencori.Edge.Body");

    /// <summary>Replaces the body that YARP would copy. The headers of that body stay, except for its length.</summary>
    public static void Set(HttpRequestMessage request, HttpContent body) => request.Options.Set(Body, body);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // This handler replaces the content, because YARP does not let a transform replace it.
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

    // A provider that accepts the body slowly, piece after piece, must not time out. Only YARP's copier can reset YARP's timeout.
    // So the copier meanwhile reads WriteProgress, which provides one byte for each piece that the provider has accepted.
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
