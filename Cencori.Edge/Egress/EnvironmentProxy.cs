using System.Net;

namespace Cencori.Edge.Egress;

/// <summary>
/// The proxy of <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c> and <c>ALL_PROXY</c>, in upper or lower case. The proxy is not used for the hosts of <c>NO_PROXY</c> and for this machine's
/// loopback addresses, because at the proxy those addresses mean the proxy's own machine.
/// </summary>
public sealed class EnvironmentProxy : IWebProxy
{
    private static readonly string[] Variables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

    private readonly IWebProxy _proxy;

    private EnvironmentProxy(IWebProxy proxy) => _proxy = proxy;

    /// <summary>The proxy of this process. Null: the environment sets no proxy.</summary>
    public static EnvironmentProxy? Instance { get; } = Array.Exists(Variables, IsSet) ? new EnvironmentProxy(HttpClient.DefaultProxy) : null;

    public ICredentials? Credentials
    {
        get => _proxy.Credentials;
        set => _proxy.Credentials = value;
    }

    /// <summary>Makes an HTTP client use the proxy, if there is one.</summary>
    public static void Use(SocketsHttpHandler handler)
    {
        handler.Proxy = Instance;
        handler.UseProxy = Instance is not null;
    }

    public Uri? GetProxy(Uri destination) => destination.IsLoopback ? null : _proxy.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || _proxy.IsBypassed(host);

    private static bool IsSet(string name) =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)) || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name.ToLowerInvariant()));
}
