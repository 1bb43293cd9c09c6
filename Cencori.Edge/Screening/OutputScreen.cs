using System.Text;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Policies;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using Cencori.Edge.Screening.Documents;

namespace Cencori.Edge.Screening;

/// <summary>Applies a project's policies to one response before the caller receives it, and restores the values that were replaced in the request.</summary>
internal sealed partial class OutputScreen : IResponseHolder
{
    private const int MaxChoices = 128;

    private readonly Exchange _exchange;
    private readonly PolicySet _set;
    private readonly PolicyMeters _meters;
    private readonly InputScreen _input;
    private bool _isFinished;

    private OutputScreen(Exchange exchange, PolicySet set, InputScreen input, PolicyMeters meters)
    {
        (_exchange, _set, _input, _meters) = (exchange, set, input, meters);
        Findings = exchange.Policy!;
        Enforces = set.EnforcesOutput;
    }

    public PolicyFindings Findings { get; }

    /// <summary>True when an output rule masks or blocks findings, instead of only counting them.</summary>
    public bool Enforces { get; }

    /// <summary>True when content that cannot be scanned passes unchanged.</summary>
    public bool MayPassUnscanned => !Enforces || !_set.BlocksUnscanned;

    /// <summary>The model as it was sent to the provider. Null: not known.</summary>
    public string? Model => _exchange.Last?.Model;

    /// <summary>True when some of the response may have been sent to the caller.</summary>
    public bool HasBegun { get; set; }

    /// <returns>The screen for the response of this exchange. Null when the response needs no processing.</returns>
    public static OutputScreen? Of(Exchange exchange, InputScreen input, PolicyMeters meters) =>
        exchange.Caller?.Project.Policies is { } set && exchange.Policy is not null && (set.ScansOutput || exchange.Tokens is { Values.Count: > 0 }) ? new(exchange, set, input, meters) : null;

    /// <summary>True when stored payloads must contain the screened response: masked text must not be stored in its original form. Restored values are never
    /// stored.</summary>
    public bool KeepsPayload => Enforces;

    public Stream Hold(Stream response, bool isEventStream)
    {
        Stream screened = isEventStream ? HoldEvents(response) : new ScreenedDocument(response, _set, _exchange.Tokens, this, _input);
        return KeepsPayload && _exchange is { Payload: { } payload, Tokens: null or { Values.Count: 0 } } ? new CopiedStream(screened, payload) : screened;
    }

    /// <summary>A timestamp that <see cref="AddElapsed"/> and <see cref="Since"/> accept.</summary>
    public long Now() => _exchange.Clock.Time.GetTimestamp();

    public TimeSpan Since(long from) => _exchange.Clock.Time.GetElapsedTime(from);

    /// <summary>Waits for a task, but not longer than the given time.</summary>
    public async Task WaitAsync(Task task, TimeSpan within)
    {
        if (!task.IsCompleted && within > TimeSpan.Zero)
        {
            await Task.WhenAny(task, Task.Delay(within, _exchange.Clock.Time));
        }
    }

    public void AddElapsed(long from) => Findings.OutputMicroseconds += (long)Since(from).TotalMicroseconds;

    /// <summary>Reports findings and metrics when the response ends. Can be called repeatedly.</summary>
    public void Finish()
    {
        if (!_isFinished)
        {
            _isFinished = true;
            _meters.Record(Findings, isOutput: true);
        }
    }

    public EdgeError Violation() => InputScreen.Violation(_exchange, Findings, isOutput: true);

    public EdgeError Unscanned(string what)
    {
        Findings.IsUnscanned = true;
        return InputScreen.Unscanned(_exchange, $"A policy of this project does not let this response pass, because not all of it can be scanned. {what}");
    }

    /// <summary>Ends a response that must not continue. Also ends the attempt at the provider at once.</summary>
    /// <returns>The last bytes for the caller.</returns>
    /// <exception cref="IOException">The caller has received nothing yet, so it gets a regular error response.</exception>
    public ReadOnlyMemory<byte> End(EdgeError error)
    {
        var attempt = _exchange.Last!;
        Findings.IsEnded |= error.Kind != ErrorKind.PolicyUnavailable;
        attempt.Fault = error;
        if (!attempt.HasEnded)
        {
            // The provider has responded, so this attempt causes no failover and does not count as a failure.
            attempt.Complete();
        }

        if (!HasBegun)
        {
            throw new PolicyException();
        }

        if (_set.OnOutputBlock == OutputBlock.Finish && attempt is { Events: EventDialect.Chunks, Native: null })
        {
            return Encoding.UTF8.GetBytes(FinishOf(_exchange));
        }

        return ErrorEvent.Format(error, attempt.Native is null ? attempt.Events : EventDialect.Native, _exchange.Context.TraceIdentifier, attempt.Meter?.NextSequenceNumber ?? 0);
    }

    private static string FinishOf(Exchange exchange)
    {
        var isChat = exchange.Endpoint.Operation == Operation.Chat;
        var choices = Enumerable.Range(0, (int)Math.Clamp(exchange.Content?.Choices ?? 1, 1, MaxChoices))
            .Select(index => $"{{\"index\":{index},{(isChat ? "\"delta\":{}" : "\"text\":\"\"")},\"finish_reason\":\"content_filter\"}}");
        return $"data: {{\"object\":\"{(isChat ? "chat.completion.chunk" : "text_completion")}\",\"choices\":[{string.Join(',', choices)}]}}\n\ndata: [DONE]\n\n";
    }
}

/// <summary>Thrown when a policy blocks a response of which the caller has received nothing yet.</summary>
internal sealed class PolicyException() : IOException("A policy does not let this response pass.");
