namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Gives up an attempt whose response does not begin in time, where somebody else can be asked in its place.</summary>
/// <param name="inner">Sends it.</param>
/// <param name="time">The clock.</param>
internal sealed class PatienceHandler(HttpMessageHandler inner, TimeProvider time) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<TimeSpan> Patience = new("Cencori.Edge.Patience");

    /// <summary>Waits no longer than this for the head of the response.</summary>
    public static void Set(HttpRequestMessage request, TimeSpan patience) => request.Options.Set(Patience, patience);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Options.TryGetValue(Patience, out var patience) ? SendAsync(request, patience, cancellationToken) : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan patience, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            return await base.SendAsync(request, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // Cancelled, it would look to YARP as if its own time was up, or the caller had left.
            throw new HttpRequestException("The response did not begin in time.", new TimeoutException());
        }
    }
}
