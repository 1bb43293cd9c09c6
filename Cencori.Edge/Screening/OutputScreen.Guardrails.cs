using Cencori.Edge.Bodies;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening.Guardrails;

namespace Cencori.Edge.Screening;

/// <summary>What services are asked about a response, after everything else and before its caller has it.</summary>
internal sealed partial class OutputScreen
{
    /// <summary>They are asked about responses, and this is one: of a provider's error there is nothing to ask.</summary>
    public bool AsksGuardrails => _set.OutputGuardrails.Length > 0 && _exchange.Last is not { Status: >= StatusCodes.Status400BadRequest };

    public bool HasMore { get; set; }

    /// <summary>Asks all of them about a document.</summary>
    /// <returns>All changes of it, sorted.</returns>
    /// <exception cref="IOException">It must not pass.</exception>
    public async ValueTask<List<Splice>> AskAsync(GuardedBody asked, CancellationToken cancellation)
    {
        var splices = asked.Settle(await AskAsync(asked.GuardrailRequests, cancellation), Findings);
        if (Objection() is { } error)
        {
            End(error);
        }

        return splices;
    }

    /// <summary>Asks about what the caller does not have yet.</summary>
    /// <returns>In the order of <paramref name="requests"/>.</returns>
    public async ValueTask<IReadOnlyList<GuardrailVerdict>> AskAsync(IReadOnlyList<GuardrailRequest> requests, CancellationToken cancellation)
    {
        var from = Now();
        try
        {
            var asking = AskAllAsync(requests, cancellation);

            // While the provider goes on, the time is the provider's as well, and would be taken off twice.
            return await (_exchange.Last is { HasEnded: true } ? _exchange.Clock.WaitForGuardrailsAsync(asking) : asking);
        }
        finally
        {
            Findings.GuardrailMicroseconds += (long)Since(from).TotalMicroseconds;
        }
    }

    /// <summary>Why the response must not go on, by what has been found so far. Null: it may.</summary>
    public EdgeError? Objection() => Findings.Blocks ? Violation() : Findings.HasGuardrailFailure ? InputScreen.Unasked() : null;

    // Services read what local rules leave, with placeholders, as those of requests do. What is put back comes last.
    private Stream HoldEvents(Stream response)
    {
        if (!AsksGuardrails)
        {
            return new ScreenedEvents(response, _set.Output, _exchange.Tokens, isLast: true, this);
        }

        var asked = Array.FindAll(_set.OutputGuardrails, static rule => rule.Action > PolicyAction.Monitor);
        GatheredTexts? gathered = null;
        if (asked.Length < _set.OutputGuardrails.Length)
        {
            var counting = Array.FindAll(_set.OutputGuardrails, static rule => rule.Action == PolicyAction.Monitor);
            gathered = new();
            _exchange.Afterwards = hasTime => AskLateAsync(counting, gathered, hasTime);
        }

        HasMore = true;
        var restores = _exchange.Tokens is { Values.Count: > 0 };
        var guarded = new GuardedEvents(new ScreenedEvents(response, _set.Output, null, isLast: false, this), asked, gathered, isLast: !restores, this);
        return restores ? new ScreenedEvents(guarded, [], _exchange.Tokens, isLast: true, this) : guarded;
    }

    private async Task AskLateAsync(PolicyRule[] rules, GatheredTexts gathered, bool hasTime)
    {
        var texts = gathered.Texts();
        if (texts.Count == 0 && !gathered.IsTooMuch)
        {
            return;
        }

        if (!hasTime)
        {
            Array.ForEach(rules, rule => Findings.AddFailure(rule, isOutput: true, isLate: true));
            return;
        }

        var from = Now();
        var asking = AskAllAsync([.. rules.Select(rule => new GuardrailRequest(rule, texts, gathered.IsTooMuch))], CancellationToken.None);
        var verdicts = await _exchange.Clock.WaitForGuardrailsAsync(asking);
        for (var i = 0; i < rules.Length; i++)
        {
            if (verdicts[i].Fault is not null)
            {
                Findings.AddFailure(rules[i], isOutput: true, isLate: true);
            }

            for (var hits = verdicts[i].Hits.Count + (verdicts[i].Blocks ? 1 : 0); hits > 0; hits--)
            {
                Findings.Add(rules[i], isOutput: true, PolicyAction.Monitor, where: null);
            }
        }

        Findings.GuardrailMicroseconds += (long)Since(from).TotalMicroseconds;
        _meters.Tell(Findings, isOutput: true);
    }

    private Task<IReadOnlyList<GuardrailVerdict>> AskAllAsync(IReadOnlyList<GuardrailRequest> requests, CancellationToken cancellation)
    {
        var caller = _exchange.Caller!;
        return _input.Guardrails.AskAsync(requests, isResponse: true, caller.Project, caller.Key.Environment, isTrial: false, cancellation);
    }
}
