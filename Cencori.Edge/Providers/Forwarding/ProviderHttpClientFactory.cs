using System.Diagnostics;
using System.Net;
using Cencori.Edge.Egress;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Sandbox;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Connections to providers, and the one provider that needs none.</summary>
public sealed class ProviderHttpClientFactory(EgressGuard guard, TimeProvider time, ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    // The proxy and the authorities stand in the metadata, where YARP does not look.
    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context) && ProviderConnection.IsSame(context.OldMetadata, context.NewMetadata);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        ProviderConnection.Apply(context.NewMetadata, handler);

        // A pooled connection outlives a change of the provider's DNS entry for no longer than this.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        handler.ConnectTimeout = TimeSpan.FromSeconds(10);

        handler.PlaintextStreamFilter = static (connection, _) =>
            new(connection.NegotiatedHttpVersion.Major == 1 ? new WholeRequestStream(connection.PlaintextStream) : connection.PlaintextStream);

        // The propagator writes below the transforms, so the header allow-list would not stop trace headers and the
        // caller's baggage. This one writes nothing and keeps the client span.
        handler.ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator();
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new BufferedBodyHandler(new ResponseTimeoutHandler(
            context.ClusterId == ProviderDefinition.SandboxId ? new SandboxHandler(time) : new GuardedHandler((SocketsHttpHandler)handler, Another(context), guard), time));

    // As YARP makes them.
    private SocketsHttpHandler Another(ForwarderHttpClientContext context)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false };
        ConfigureHandler(context, handler);
        return handler;
    }
}
