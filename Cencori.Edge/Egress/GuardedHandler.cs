using System.Net;

namespace Cencori.Edge.Egress;

/// <summary>
/// Separates requests to addresses of projects from other requests. A request to an address that a project has set is <see cref="Mark">marked</see>: the guard
/// checks its address. Without a proxy, a marked request uses separate connections. Other requests go to addresses of the operator, which are not checked.
/// </summary>
public sealed class GuardedHandler : DelegatingHandler
{
    private static readonly HttpRequestOptionsKey<bool> IsOfProject = new("Cencori.Edge.IsOfProject");

    private readonly HttpMessageInvoker _direct;
    private readonly IWebProxy? _proxy;
    private readonly EgressGuard _guard;

    /// <param name="operators">Handler for unmarked requests, with the operator's proxy if there is one. Marked requests use that proxy too.</param>
    /// <param name="direct">A second, unused handler with the same settings, for marked requests without a proxy. This constructor removes its proxy and adds the guard.</param>
    /// <param name="guard">Decides to which addresses the edge connects for projects.</param>
    public GuardedHandler(SocketsHttpHandler operators, SocketsHttpHandler direct, EgressGuard guard)
        : base(operators)
    {
        direct.UseProxy = false;
        direct.ConnectCallback = guard.ConnectAsync;
        _direct = new HttpMessageInvoker(direct);
        _proxy = operators.UseProxy ? operators.Proxy : null;
        _guard = guard;
    }

    /// <summary>Marks a request whose address was set by a project.</summary>
    public static void Mark(HttpRequestMessage request) => request.Options.Set(IsOfProject, true);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(IsOfProject, out _))
        {
            return base.SendAsync(request, cancellationToken);
        }

        // HTTP/3 does not use the connect callback, so the guard could not check an HTTP/3 connection.
        request.Version = request.Version.Major > 2 ? HttpVersion.Version20 : request.Version;
        request.VersionPolicy = request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher ? HttpVersionPolicy.RequestVersionOrLower : request.VersionPolicy;
        return _proxy is { } proxy && request.RequestUri is { } target && !proxy.IsBypassed(target) && proxy.GetProxy(target) is not null
            ? SendByProxyAsync(request, target, cancellationToken)
            : _direct.SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _direct.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage> SendByProxyAsync(HttpRequestMessage request, Uri target, CancellationToken cancellationToken)
    {
        await _guard.CheckAsync(target.IdnHost, cancellationToken);
        return await base.SendAsync(request, cancellationToken);
    }
}
