using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening.Events;
using Cencori.Edge.Screening.Guardrails;

namespace Cencori.Edge.Screening;

/// <summary>Asks guardrails about a response, after all other checks and before the caller receives it.</summary>
internal sealed partial class OutputScreen
{
    /// <summary>True when guardrails check responses and the provider's response is not an error.</summary>
    public bool UsesGuardrails => _set.OutputGuardrails.Length > 0 && _exchange.Last is not { Status: >= StatusCodes.Status400BadRequest };

    public bool HasMore { get; set; }

    /// <summary>Asks guardrails about a response that is one document.</summary>
    /// <returns>All changes of the document, sorted.</returns>
    /// <exception cref="IOException">The verdicts do not let the document pass.</exception>
    public async ValueTask<List<Splice>> AskGuardrailsAsync(GuardedBody guarded, CancellationToken cancellation)
    {
        var splices = guarded.Settle(await AskGuardrailsAsync(guarded.GuardrailRequests, cancellation), Findings);
        if (FindError() is { } error)
        {
            End(error);
        }

        return splices;
    }

    /// <summary>Asks guardrails about content that the caller has not received yet.</summary>
    /// <returns>The verdicts, in the order of <paramref name="requests"/>.</returns>
    public async ValueTask<IReadOnlyList<GuardrailVerdict>> AskGuardrailsAsync(IReadOnlyList<GuardrailRequest> requests, CancellationToken cancellation)
    {
        var from = Now();
        try
        {
            var checking = CheckAllAsync(requests, cancellation);

            // Measures the wait only after the provider has finished. Before that, the time is already measured as time of the provider.
            return await (_exchange.Last is { HasEnded: true } ? _exchange.Clock.WaitForGuardrailsAsync(checking) : checking);
        }
        finally
        {
            Findings.GuardrailMicroseconds += (long)Since(from).TotalMicroseconds;
        }
    }

    /// <summary>The error that must end the response, according to the findings so far. Null: the response may continue.</summary>
    public EdgeError? FindError() => Findings.Blocks ? Violation() : Findings.HasGuardrailFailure ? InputScreen.GuardrailFailure() : null;

    // Guardrails read the text after local rules, with placeholders, as they do for requests. Replaced values are restored after that.
    private Stream HoldEvents(Stream response)
    {
        if (!UsesGuardrails)
        {
            return new ScreenedEvents(response, _set.Output, _exchange.Tokens, isLast: true, this);
        }

        var enforcing = Array.FindAll(_set.OutputGuardrails, static rule => rule.Action > PolicyAction.Monitor);
        GatheredTexts? gathered = null;
        if (enforcing.Length < _set.OutputGuardrails.Length)
        {
            var counting = Array.FindAll(_set.OutputGuardrails, static rule => rule.Action == PolicyAction.Monitor);
            gathered = new();
            _exchange.Afterwards = canWait => CheckAfterwardsAsync(counting, gathered, canWait);
        }

        HasMore = true;
        var restores = _exchange.Tokens is { Values.Count: > 0 };
        var guarded = new GuardedEvents(new ScreenedEvents(response, _set.Output, null, isLast: false, this), enforcing, gathered, isLast: !restores, this);
        return restores ? new ScreenedEvents(guarded, [], _exchange.Tokens, isLast: true, this) : guarded;
    }

    private async Task CheckAfterwardsAsync(PolicyRule[] rules, GatheredTexts gathered, bool canWait)
    {
        var texts = gathered.Texts();
        if (texts.Count == 0 && !gathered.IsTooMuch)
        {
            return;
        }

        if (!canWait)
        {
            Array.ForEach(rules, rule => Findings.AddFailure(rule, isOutput: true, isLate: true));
            return;
        }

        var from = Now();
        var checking = CheckAllAsync([.. rules.Select(rule => new GuardrailRequest(rule, texts, gathered.IsTooMuch))], CancellationToken.None);
        var verdicts = await _exchange.Clock.WaitForGuardrailsAsync(checking);
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
        _meters.CountFindings(Findings, isOutput: true);
    }

    private Task<IReadOnlyList<GuardrailVerdict>> CheckAllAsync(IReadOnlyList<GuardrailRequest> requests, CancellationToken cancellation)
    {
        var caller = _exchange.Caller!;
        return _input.Guardrails.CheckAsync(requests, isResponse: true, caller.Project, caller.Key.Environment, isTrial: false, cancellation);
    }
}
