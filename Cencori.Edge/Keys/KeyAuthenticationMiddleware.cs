using Cencori.Edge.Errors;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Telemetry;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Keys;

/// <summary>
/// Finds the caller of the request's project key. Refuses nobody for a missing or invalid key: the request continues without a caller, and
/// the route's policy decides.
/// </summary>
public sealed partial class KeyAuthenticationMiddleware(
    RequestDelegate next,
    CallerLookup callers,
    LastUsedWriter lastUsed,
    DatabaseStartup database,
    TimeProvider time,
    ILogger<KeyAuthenticationMiddleware> logger)
{
    /// <summary>How long a request waits for a database that neither replies nor fails.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    // The key may be valid, so the error must not call it invalid.
    private static readonly EdgeError CannotLookUp = EdgeError.Unavailable("The edge cannot look up API keys at the moment.");

    private readonly ThrottledWarning _unavailableWarning = new(time);

    public Task InvokeAsync(HttpContext context)
    {
        // Clients may send their key with every request, also with health checks, which must not depend on the database.
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return next(context);
        }

        if (!PresentedKey.TryRead(context, out var text) || !ProjectKey.IsWellFormed(text))
        {
            // A request that the edge sends to itself has a caller but no key.
            if (context.Features.Get<Caller>() is { } known)
            {
                context.Features.GetRequiredFeature<ICallerFeature>().Caller = known;
            }

            return next(context);
        }

        if (!database.IsPrepared)
        {
            return context.Refuse(CannotLookUp);
        }

        var caller = callers.FindAsync(KeyHash.Of(text));
        return caller.IsCompletedSuccessfully ? Continue(context, caller.Result) : AwaitAsync(context, caller);
    }

    private async Task AwaitAsync(HttpContext context, ValueTask<FoundCaller> finding)
    {
        FoundCaller caller;
        try
        {
            caller = await finding.AsTask().WaitAsync(Timeout, time);
        }
        catch (Exception exception)
        {
            if (_unavailableWarning.IsDue())
            {
                Log.CannotLookUpKey(logger, exception);
            }

            await context.Refuse(CannotLookUp);
            return;
        }

        await Continue(context, caller);
    }

    private Task Continue(HttpContext context, in FoundCaller found)
    {
        if (found.Caller is { } caller)
        {
            lastUsed.Note(caller.Key);
        }

        var feature = context.Features.GetRequiredFeature<ICallerFeature>();
        (feature.Caller, feature.InvalidKey) = (found.Caller, found.InvalidKey);
        return next(context);
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Error, "An API key could not be looked up. Logged at most once a minute.", EventName = "CannotLookUpKey")]
        public static partial void CannotLookUpKey(ILogger logger, Exception exception);
    }
}
