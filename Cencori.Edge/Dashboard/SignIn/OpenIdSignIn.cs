using System.Text.Encodings.Web;
using Cencori.Edge.Admin;
using Cencori.Edge.Errors;
using Cencori.Edge.Telemetry;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>
/// Runs the framework's OpenID Connect handler for the two requests that need it: begin and callback. The handler is not registered as middleware, so it runs for no other request,
/// and the edge contacts the provider only when somebody signs in.
/// </summary>
internal sealed partial class OpenIdSignIn(IOptions<OpenIdSettings> settings, IOptionsMonitor<OpenIdConnectOptions> options, OpenIdMetadata metadata, OpenIdThrottle throttle, TimeProvider time, ILogger<OpenIdSignIn> logger)
{
    private static readonly AuthenticationScheme Scheme = new(OpenIdHandling.Scheme, displayName: null, typeof(OpenIdConnectHandler));

    private readonly ThrottledWarning _failed = new(time);

    public OpenIdSettings Settings => settings.Value;

    /// <summary>Redirects the browser to the provider.</summary>
    /// <returns>Null: the response was written. Otherwise the error.</returns>
    public async Task<EdgeError?> BeginAsync(HttpContext context, string returnTo)
    {
        var address = context.Connection.RemoteIpAddress;
        if (throttle.Enter(address) is { } refusal)
        {
            return refusal;
        }

        try
        {
            await metadata.GetAsync(context.RequestAborted);
            var handler = await HandlerAsync(context);
            await handler.ChallengeAsync(new AuthenticationProperties { RedirectUri = returnTo });
            return null;
        }
        catch (Exception exception) when (exception is not RefusedException && !context.RequestAborted.IsCancellationRequested)
        {
            context.Response.Headers.SetCookie = default;
            return LogFailure(context, OpenIdHandling.FaultOf(exception), exception);
        }
        finally
        {
            throttle.Leave(address, hasSucceeded: false);
        }
    }

    /// <summary>Processes the callback: the browser's request after the sign-in at the provider.</summary>
    public async Task<(OpenIdOutcome Outcome, EdgeError? Error)> FinishAsync(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        if (throttle.Enter(address) is { } refusal)
        {
            return (new OpenIdOutcome(null, null, "too_many"), refusal);
        }

        try
        {
            await metadata.GetAsync(context.RequestAborted);
            await (await HandlerAsync(context)).HandleRequestAsync();
        }
        catch (Exception exception) when (exception is not RefusedException && !context.RequestAborted.IsCancellationRequested)
        {
            context.Features.Set(new OpenIdOutcome(null, null, OpenIdHandling.FaultOf(exception), exception));
        }
        finally
        {
            throttle.Leave(address, context.Features.Get<OpenIdOutcome>() is { Person: not null });
        }

        var outcome = context.Features.Get<OpenIdOutcome>() ?? new OpenIdOutcome(null, null, "unknown");
        return (outcome, outcome.Fault is { } fault ? LogFailure(context, fault, outcome.Failure) : null);
    }

    /// <summary>The provider's sign-out URL; null: the provider has none, or is unavailable.</summary>
    public async Task<string?> EndOfSessionAsync(HttpContext context)
    {
        var (address, cancellation) = (context.Connection.RemoteIpAddress, context.RequestAborted);
        if (throttle.Enter(address) is not null)
        {
            return null;
        }

        try
        {
            var found = await metadata.GetAsync(cancellation);
            return Uri.TryCreate(found.EndSessionEndpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? $"{uri}{(uri.Query.Length > 0 ? '&' : '?')}client_id={Uri.EscapeDataString(Settings.ClientId!)}"
                : null;
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            throttle.Leave(address, hasSucceeded: false);
        }
    }

    private async Task<OpenIdConnectHandler> HandlerAsync(HttpContext context)
    {
        // The handler gets no logger: its log lines would contain text of the provider and of callers, without any limit.
        var handler = new OpenIdConnectHandler(options, NullLoggerFactory.Instance, HtmlEncoder.Default, UrlEncoder.Default);
        await handler.InitializeAsync(Scheme, context);
        return handler;
    }

    private EdgeError LogFailure(HttpContext context, string fault, Exception? failure)
    {
        Log.Detail(logger, failure, context.TraceIdentifier);
        if (fault != "access_denied" && _failed.IsDue())
        {
            Log.Failed(logger, fault, context.TraceIdentifier);
        }

        var sentence = fault switch
        {
            "provider_away" => $"{Settings.DisplayName} does not respond at the moment. Try again in a minute.",
            "access_denied" => $"{Settings.DisplayName} refused the sign-in.",
            "answer_refused" => "This sign-in has expired, was begun in another browser, or was used already. Try again.",
            _ => $"The sign-in with {Settings.DisplayName} did not work. Try again; if it still fails, contact the operator of this edge.",
        };
        return new(ErrorKind.InvalidApiKey, $"{sentence} Reference: {context.TraceIdentifier}")
        {
            Status = fault == "provider_away" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status401Unauthorized,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(170, LogLevel.Warning, "A sign-in by OpenID Connect has failed ({Fault}). Reference: {Reference}. Logged at most once a minute.", EventName = "OpenIdSignInFailed")]
        public static partial void Failed(ILogger logger, string fault, string reference);

        // The exception contains text of the provider, and callers can cause this line as often as they want. So the level is debug.
        [LoggerMessage(171, LogLevel.Debug, "The exception of a failed sign-in by OpenID Connect. Reference: {Reference}.", EventName = "OpenIdSignInDetail")]
        public static partial void Detail(ILogger logger, Exception? failure, string reference);
    }
}
