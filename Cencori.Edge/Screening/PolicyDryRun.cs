using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Screening.Documents;
using Cencori.Edge.Screening.Events;
using Cencori.Edge.Screening.Guardrails;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Screening;

/// <summary>Applies policies to one document as a test, with the same steps as for a request. Also asks guardrails.</summary>
public sealed class PolicyDryRun(InputScreen input, GuardrailClient guardrails, TimeProvider time)
{
    /// <param name="set">The policies.</param>
    /// <param name="json">The document.</param>
    /// <param name="project">The project whose placeholders and credentials are used.</param>
    /// <param name="isOutput">True: applies the rules for responses.</param>
    /// <param name="isEmbedded">True when the texts are input for embeddings.</param>
    /// <param name="role">The role of all texts. None: the roles that the document states.</param>
    /// <param name="cancellation">Cancels the guardrail calls.</param>
    internal async Task<Result> TryAsync(PolicySet set, byte[] json, ProjectSnapshot project, bool isOutput, bool isEmbedded, PolicyRoles role, CancellationToken cancellation) =>
        (await RunAsync(set, json, project, KeyEnvironment.Production, isOutput, isEmbedded, role, isTrial: true, canSplit: false, cancellation))!;

    /// <summary>Applies policies to a document that the edge itself stores. Its guardrail calls are counted in metrics, unlike those of a test.</summary>
    /// <param name="set">The policies.</param>
    /// <param name="json">The document.</param>
    /// <param name="project">The project whose placeholders and credentials are used.</param>
    /// <param name="environment">Environment of the credentials.</param>
    /// <param name="role">The role of all texts.</param>
    /// <param name="canSplit">True if the caller can split the document. False: more text than a guardrail may be asked about counts as a failure of the guardrail.</param>
    /// <param name="cancellation">Cancels the guardrail calls.</param>
    /// <returns>The result. Null if <paramref name="canSplit"/>, and the document has more text than a guardrail may be asked about.</returns>
    internal Task<Result?> RunAsync(PolicySet set, byte[] json, ProjectSnapshot project, KeyEnvironment environment, PolicyRoles role, bool canSplit, CancellationToken cancellation) =>
        RunAsync(set, json, project, environment, isOutput: false, isEmbedded: false, role, isTrial: false, canSplit, cancellation);

    private async Task<Result?> RunAsync(PolicySet set, byte[] json, ProjectSnapshot project, KeyEnvironment environment, bool isOutput, bool isEmbedded, PolicyRoles role, bool isTrial, bool canSplit, CancellationToken cancellation)
    {
        // The cache of the new screen is empty, so the measured time is that of a text that was not scanned before.
        using var screen = new BodyScreen(new CleanTextCache()) { KeepsTexts = (isOutput ? set.OutputGuardrails : set.Guardrails).Length > 0 };
        var from = time.GetTimestamp();
        screen.Scan(json, set, isOutput);
        var microseconds = time.GetElapsedTime(from).TotalMicroseconds;
        var hits = new List<(BodyHit Hit, PolicyAction Action)>();
        foreach (var hit in screen.Hits)
        {
            var owner = role != PolicyRoles.None ? role : isOutput ? PolicyRoles.Assistant : hit.Role;
            var action = isOutput ? TextRelease.ActionOf(hit.Rule) : hit.Rule.ActionFor(owner, isEmbedded);
            hits.Add((hit, InputScreen.Fixed(hit.Rule, action, hit.IsFixed && !isOutput)));
        }

        hits.RemoveAll(static hit => hit.Action == PolicyAction.Off);
        hits.Sort(static (a, b) => a.Hit.Range.Start.CompareTo(b.Hit.Range.Start));
        var masks = Masks.Of([.. hits.Where(static hit => hit.Action is PolicyAction.Mask or PolicyAction.Tokenize)], json, input.NewTokens(project.Id));
        var asked = new List<(PolicyRule, GuardrailVerdict)>();
        var request = !screen.KeepsTexts || hits.Exists(static hit => hit.Action == PolicyAction.Block) ? null
            : isOutput ? GuardedBody.OfResponse(set, screen, json, masks)
            : GuardedBody.OfRequest(set, screen, json, masks, isEmbedded, owner => role == PolicyRoles.None ? owner : role);
        var findings = new PolicyFindings(set.Version);
        if (request is not null)
        {
            if (canSplit && request.GuardrailRequests.Any(static one => one.IsTooMuch))
            {
                return null;
            }

            var verdicts = await guardrails.CheckAsync(request.GuardrailRequests, isOutput, project, environment, isTrial, cancellation);
            masks = request.Settle(verdicts, findings, (rule, action, place) => hits.Add((new BodyHit(rule, place.Range) { Where = place.Where }, action)));
            hits.Sort(static (a, b) => a.Hit.Range.Start.CompareTo(b.Hit.Range.Start));
            asked.AddRange(request.GuardrailRequests.Select((one, i) => (one.Rule, verdicts[i])));
        }

        var splices = masks.ToArray();
        var sent = new byte[json.Length + Splice.GrowthOf(splices, json.Length)];
        new SplicedRuns(splices).Fill(json, sent);
        var reasons = hits.Where(static hit => hit.Action == PolicyAction.Block).Select(static hit => hit.Hit.Rule.Reason).Distinct();
        return new(hits.Count == 0 ? PolicyAction.Off : hits.Max(static hit => hit.Action), hits, sent, microseconds, [.. reasons], asked) { IsCut = screen.IsCut, HasGuardrailFailure = findings.HasGuardrailFailure };
    }

    /// <param name="Action">The strictest action of all hits.</param>
    /// <param name="Hits">The hits in document order.</param>
    /// <param name="Sent">The document as it would be sent on.</param>
    /// <param name="Microseconds">Time of the scan.</param>
    /// <param name="Reasons">Reasons of the hits that block.</param>
    /// <param name="Asked">The verdicts of guardrails. Empty: no guardrail was asked.</param>
    internal sealed record Result(PolicyAction Action, List<(BodyHit Hit, PolicyAction Action)> Hits, byte[] Sent, double Microseconds, IReadOnlyList<string> Reasons, List<(PolicyRule Rule, GuardrailVerdict Verdict)> Asked)
    {
        /// <summary>True when the limit of hits was reached, and the rest was not scanned.</summary>
        public bool IsCut { get; init; }

        /// <summary>True when a guardrail check failed, and its rule blocks on failure.</summary>
        public bool HasGuardrailFailure { get; init; }
    }
}
