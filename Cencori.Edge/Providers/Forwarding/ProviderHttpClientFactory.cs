using System.Diagnostics;
using System.Net;
using Cencori.Edge.Egress;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Sandbox;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Creates the HTTP clients for providers, and the in-process client for the sandbox.</summary>
public sealed class ProviderHttpClientFactory(EgressGuard guard, TimeProvider time, ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    // YARP does not compare the cluster's metadata, which hold the proxy and the certificate authorities.
    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context) && ProviderConnection.IsSame(context.OldMetadata, context.NewMetadata);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        ProviderConnection.Apply(context.NewMetadata, handler);

        // Limits how long a pooled connection may outlive a change of the provider's DNS entry.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        handler.ConnectTimeout = TimeSpan.FromSeconds(10);

        handler.PlaintextStreamFilter = static (connection, _) =>
            new(connection.NegotiatedHttpVersion.Major == 1 ? new WholeRequestStream(connection.PlaintextStream) : connection.PlaintextStream);

        // The default propagator runs after the transforms, so the header allow-list could not stop trace headers and the caller's baggage.
        // This propagator writes no headers, and the client span stays.
        handler.ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator();
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new BufferedBodyHandler(new ResponseTimeoutHandler(
            context.ClusterId == ProviderDefinition.SandboxId ? new SandboxHandler(time) : new GuardedHandler((SocketsHttpHandler)handler, CreateHandler(context), guard), time));

    // The same settings as in YARP's own factory.
    private SocketsHttpHandler CreateHandler(ForwarderHttpClientContext context)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false };
        ConfigureHandler(context, handler);
        return handler;
    }
}
