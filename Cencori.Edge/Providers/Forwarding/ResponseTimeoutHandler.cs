namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Gives up an attempt whose response does not begin in time, if another target can be asked instead.</summary>
/// <param name="inner">Sends the request.</param>
/// <param name="time">The clock.</param>
internal sealed class ResponseTimeoutHandler(HttpMessageHandler inner, TimeProvider time) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<TimeSpan> Timeout = new("Cencori.Edge.ResponseTimeout");

    /// <summary>Limits the wait for the response headers.</summary>
    public static void Set(HttpRequestMessage request, TimeSpan timeout) => request.Options.Set(Timeout, timeout);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Options.TryGetValue(Timeout, out var timeout) ? SendAsync(request, timeout, cancellationToken) : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan timeout, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            return await base.SendAsync(request, linked.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // A cancellation would look to YARP as if its own timeout had passed, or as if the caller had disconnected.
            throw new HttpRequestException("The response did not begin in time.", new TimeoutException());
        }
    }
}
