using Cencori.Edge.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// What the log tells of providers: one line, without a stack, once a minute at most for each kind of trouble with each provider, and for each credential that is refused. They and
/// their callers can repeat it at will; records and metrics have every time.
/// </summary>
public sealed partial class ProviderLog(TimeProvider time, ILogger<ProviderLog> logger)
{
    private const int LongestReason = 200;

    private readonly ThrottledWarnings _refused = new(time);
    private readonly ThrottledWarnings _broke = new(time);
    private readonly ThrottledWarnings _unreachable = new(time);
    private readonly ThrottledWarnings _failed = new(time);

    /// <summary>The provider does not take the project's credential.</summary>
    public void CredentialRefused(Attempt attempt, int status)
    {
        if (_refused.IsDue(attempt.Credential?.Id ?? attempt.Provider.Id))
        {
            Log.CredentialRefused(logger, attempt.Provider.Id, status, attempt.Credential?.ToString());
        }
    }

    /// <summary>An attempt has ended. Tells of it where that was the provider's doing.</summary>
    /// <param name="attempt">Its end is known.</param>
    /// <param name="failure">What YARP says of it; null: nothing.</param>
    public void Ended(Attempt attempt, IForwarderErrorFeature? failure)
    {
        var provider = attempt.Provider.Id;
        if (attempt.Break is { } broke)
        {
            if (_broke.IsDue(provider))
            {
                Log.Broke(logger, provider, broke is OperationCanceledException ? "stayed silent" : "broke off", Reason(broke, attempt));
            }
        }
        else if (attempt.End == AttemptEnd.NeverSent ? _unreachable.IsDue(provider) : attempt.End == AttemptEnd.Failed && _failed.IsDue(provider))
        {
            Log.Failed(logger, provider, attempt.End == AttemptEnd.NeverSent ? "cannot be reached" : "did not answer as it should", failure?.Error, Reason(failure?.Exception, attempt));
        }
    }

    // What the client says may repeat what the provider has sent, and that the credential.
    private static string Reason(Exception? exception, Attempt attempt)
    {
        if (exception is null)
        {
            return "nothing more is known";
        }

        var reason = exception.GetBaseException().Message.ReplaceLineEndings(" ");
        reason = CredentialMask.Of(attempt.Credential?.Secret)?.Apply(reason) ?? reason;
        return reason.Length <= LongestReason ? reason : reason[..LongestReason];
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Warning, "Provider {Provider} answered {Status} to the credential {Credential}. Told once a minute at most.", EventName = "CredentialRefused")]
        public static partial void CredentialRefused(ILogger logger, string provider, int status, string? credential);

        [LoggerMessage(41, LogLevel.Warning, "Provider {Provider} {Event} within an event stream: {Reason} Told once a minute at most.", EventName = "EventStreamBroke")]
        public static partial void Broke(ILogger logger, string provider, string @event, string reason);

        [LoggerMessage(114, LogLevel.Warning, "Provider {Provider} {Fault} ({Error}): {Reason} Told once a minute at most.", EventName = "ProviderFailed")]
        public static partial void Failed(ILogger logger, string provider, string fault, ForwarderError? error, string reason);
    }
}
