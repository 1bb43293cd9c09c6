using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using Cencori.Edge.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// Logs provider failures: one line without a stack trace, at most once a minute for each kind of failure of each provider and for each rejected credential.
/// Providers and callers can cause these failures at will, so the lines are limited. Records and metrics count every failure.
/// </summary>
public sealed partial class ProviderLog(TimeProvider time, ILogger<ProviderLog> logger)
{
    private const int LongestReason = 200;

    private readonly ThrottledWarnings _refused = new(time);
    private readonly ThrottledWarnings _failedStreams = new(time);
    private readonly ThrottledWarnings _unreachable = new(time);
    private readonly ThrottledWarnings _failed = new(time);

    /// <summary>Logs that the provider rejected the project's credential.</summary>
    public void CredentialRefused(Attempt attempt, int status)
    {
        if (_refused.IsDue(attempt.Credential?.Id ?? attempt.Provider.Id))
        {
            Log.CredentialRefused(logger, attempt.Provider.Id, status, attempt.Credential?.ToString());
        }
    }

    /// <summary>Logs the end of an attempt if the provider caused it.</summary>
    /// <param name="attempt">An attempt whose end is known.</param>
    /// <param name="failure">YARP's error; null: none.</param>
    public void Ended(Attempt attempt, IForwarderErrorFeature? failure)
    {
        var provider = attempt.Provider.Id;
        if (attempt.Break is { } broke)
        {
            if (_failedStreams.IsDue(provider))
            {
                Log.StreamFailed(logger, provider, broke is OperationCanceledException ? "stayed silent" : "broke off", Reason(broke, attempt));
            }
        }
        else if (attempt.End == AttemptEnd.NeverSent ? _unreachable.IsDue(provider) : attempt.End == AttemptEnd.Failed && _failed.IsDue(provider))
        {
            Log.Failed(logger, provider, attempt.End == AttemptEnd.NeverSent ? "cannot be reached" : "failed", failure?.Error, Reason(failure?.Exception, attempt));
        }
    }

    // The HTTP client's message may repeat what the provider sent, and that may repeat the credential.
    private static string Reason(Exception? exception, Attempt attempt)
    {
        if (exception is null)
        {
            return "no details";
        }

        var reason = exception.GetBaseException().Message.ReplaceLineEndings(" ");
        reason = CredentialMask.Of(attempt.Credential?.Secret)?.Apply(reason) ?? reason;
        return reason.Length <= LongestReason ? reason : reason[..LongestReason];
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Warning, "Provider {Provider} answered {Status} to a request with the credential {Credential}. Logged at most once a minute.", EventName = "CredentialRefused")]
        public static partial void CredentialRefused(ILogger logger, string provider, int status, string? credential);

        [LoggerMessage(41, LogLevel.Warning, "Provider {Provider} {Event} within an event stream: {Reason} Logged at most once a minute.", EventName = "EventStreamBroke")]
        public static partial void StreamFailed(ILogger logger, string provider, string @event, string reason);

        [LoggerMessage(114, LogLevel.Warning, "Provider {Provider} {Fault} ({Error}): {Reason} Logged at most once a minute.", EventName = "ProviderFailed")]
        public static partial void Failed(ILogger logger, string provider, string fault, ForwarderError? error, string reason);
    }
}
