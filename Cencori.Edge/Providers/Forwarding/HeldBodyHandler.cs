namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// Sends a body that the edge holds together with the head of its request. YARP flushes the head before it copies the body, so that
/// both sides of a small request would have twice the work.
/// </summary>
internal sealed class HeldBodyHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<HttpContent> Body = new("Cencori.Edge.Body");

    /// <summary>Puts this in place of the body that YARP would copy, with the headers of that.</summary>
    public static void Set(HttpRequestMessage request, HttpContent body) => request.Options.Set(Body, body);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Here and not in a transform: of those, YARP accepts no content but its own.
        if (request.Options.TryGetValue(Body, out var body) && request.Content is { } copied)
        {
            foreach (var (name, values) in copied.Headers.NonValidated)
            {
                body.Headers.TryAddWithoutValidation(name, values);
            }

            request.Content = body;
        }

        return base.SendAsync(request, cancellationToken);
    }
}
