using System.Net;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Providers.Forwarding.Refusals;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Cencori.Edge.WebSockets;

/// <summary>
/// Forwards a WebSocket. YARP opens the WebSocket and copies the bytes. This class closes it when its key is revoked, when its key or project is deleted,
/// when new limits or policies of the key or project cannot be enforced on a WebSocket, when a new address list does not contain the caller's address, or when the edge
/// stops.
/// </summary>
public sealed class WebSocketForwarder(CallerLookup callers, WebSocketRules rules, OpenWebSockets sockets, TimeProvider time)
{
    /// <summary>Interval of the checks whether the caller may still use the WebSocket. A check reads only memory.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(250);

    private static readonly EdgeError Unscanned = new(ErrorKind.PolicyViolation, "The project has a policy now that cannot scan the messages of a WebSocket.");

    /// <summary>How long both sides have to reply to a close frame before the edge disconnects them.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(500);

    /// <param name="context">A request that <see cref="Upgrades"/> recognises as a WebSocket.</param>
    /// <param name="attempt">The current attempt. This method sets its outcome if the WebSocket was opened. Otherwise the provider's response is handled
    /// like any other.</param>
    /// <param name="forward">The rest of the proxy pipeline.</param>
    public async Task ForwardAsync(HttpContext context, Attempt attempt, RequestDelegate forward)
    {
        var callerLeft = context.RequestAborted;
        PresentedKey.TryRead(context, out var key);
        var hash = KeyHash.Of(key);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(callerLeft);
        var address = context.Connection.RemoteIpAddress;
        var session = WatchedUpgrade.Prepare(context.Features, side => WatchAsync(side, hash, address, ending));
        UseHttp11(context);
        context.RequestAborted = ending.Token;
        try
        {
            await forward(context);
        }
        finally
        {
            await ending.CancelAsync();
            await session.Watching;
            context.RequestAborted = callerLeft;
        }

        if (session.Caller is { } side)
        {
            await EndAsync(context, attempt, side);
        }
    }

    // YARP would try HTTP/2 first for an https destination, although the credential's own base URL may have no TLS.
    private static void UseHttp11(HttpContext context)
    {
        // YARP upgrades only if "websocket" is the only value of the Upgrade header.
        if (context.Request.Headers.Upgrade.Count > 0)
        {
            context.Request.Headers.Upgrade = Upgrades.WebSocket;
        }

        var chosen = context.GetReverseProxyFeature();
        var config = chosen.Cluster.Config;
        var request = (config.HttpRequest ?? ForwarderRequestConfig.Empty) with { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        context.Features.Set<IReverseProxyFeature>(new ReverseProxyFeature
        {
            Route = chosen.Route,
            Cluster = new ClusterModel(config with { HttpRequest = request }, chosen.Cluster.HttpClient),
            AllDestinations = chosen.AllDestinations,
            AvailableDestinations = chosen.AvailableDestinations,
            ProxiedDestination = chosen.ProxiedDestination,
        });
    }

    private async Task WatchAsync(ClientStream side, KeyHash hash, IPAddress? address, CancellationTokenSource ending)
    {
        if (await WaitForEndAsync(side, hash, address, ending.Token) is { } reason)
        {
            await CloseAsync(side, reason, ending.Token);
        }

        // After this delay the edge disconnects a side that has not ended: a caller that reads nothing, or a provider whose caller has left.
        await Task.Delay(Timeout, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ending.CancelAsync();
    }

    /// <returns>The reason why the edge must close the WebSocket. Null: the WebSocket has ended, or is about to end.</returns>
    private async Task<CloseReason?> WaitForEndAsync(ClientStream side, KeyHash hash, IPAddress? address, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(CheckInterval, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(ended, side.Ended, sockets.Closing);
        try
        {
            do
            {
                if (await FindRefusalAsync(hash, address, any.Token) is { } refusal)
                {
                    return CloseReason.Refused(refusal);
                }
            }
            while (await timer.WaitForNextTickAsync(any.Token));
        }
        catch (OperationCanceledException)
        {
            // The request, the WebSocket or the edge has ended.
        }

        return sockets.Closing.IsCancellationRequested ? CloseReason.Stopping : null;
    }

    private async Task<EdgeError?> FindRefusalAsync(KeyHash hash, IPAddress? address, CancellationToken ended)
    {
        try
        {
            return (await callers.FindAsync(hash).AsTask().WaitAsync(ended)).Caller is { } caller
                ? NetworkRules.Refusal(caller, address) ?? rules.Refusal(caller) ?? (caller.Project.Policies is { BlocksWebSockets: true } ? Unscanned : null)
                : new EdgeError(ErrorKind.InvalidApiKey, "The API key is no longer valid.");
        }
        catch (Exception) when (!ended.IsCancellationRequested)
        {
            // The database is unavailable, so it is unknown whether the key is still valid. The WebSocket stays open.
            return null;
        }
    }

    private async Task CloseAsync(ClientStream side, CloseReason reason, CancellationToken ended)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ended);
        var closing = side.CloseAsync(reason, timeout.Token);
        await Task.WhenAny(closing, Task.Delay(Timeout, time, ended));
        await timeout.CancelAsync();
        await closing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task EndAsync(HttpContext context, Attempt attempt, ClientStream side)
    {
        var failure = context.GetForwarderErrorFeature();
        attempt.LastByteAt = time.GetTimestamp();
        attempt.End = side.HasClosed || side.CloseReason?.Error is not null ? AttemptEnd.Completed
            : side.IsClientDisconnected || context.RequestAborted.IsCancellationRequested || side.CloseReason is not null ? AttemptEnd.CallerLeft
            : failure is not null ? ProviderFailure.EndOf(failure.Error, failure.Exception)
            : AttemptEnd.Failed;
        if (attempt.End == AttemptEnd.Failed)
        {
            var error = ProviderFailure.Explain(failure?.Error ?? ForwarderError.UpgradeResponseDestination, failure?.Exception, attempt.Provider.Id, context.TraceIdentifier);
            await CloseAsync(side, CloseReason.Broken(error), context.RequestAborted);
        }

        // The response headers were sent when the WebSocket opened, so this error only goes into the record.
        context.Features.GetRequiredFeature<IErrorFeature>().Refusal = side.CloseReason?.Error;
    }
}
