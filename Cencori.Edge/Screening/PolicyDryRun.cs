using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Screening.Guardrails;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Screening;

/// <summary>Has policies look at one document for somebody who wants to see what they do, by the same steps as for a request. Guardrails are asked, too.</summary>
public sealed class PolicyDryRun(InputScreen input, GuardrailClient guardrails, TimeProvider time)
{
    /// <param name="set">The policies.</param>
    /// <param name="json">JSON.</param>
    /// <param name="project">Whose placeholders, and whose credentials.</param>
    /// <param name="isOutput">The rules for responses.</param>
    /// <param name="isEmbedded">It is embedded.</param>
    /// <param name="role">Whose words all of it is. None: as it says.</param>
    /// <param name="cancellation">Nobody waits any more.</param>
    internal Task<Result> TryAsync(PolicySet set, byte[] json, ProjectSnapshot project, bool isOutput, bool isEmbedded, PolicyRoles role, CancellationToken cancellation) =>
        LookAsync(set, json, project, KeyEnvironment.Production, isOutput, isEmbedded, role, isTrial: true, cancellation);

    /// <summary>Likewise, of a document that is kept by the edge itself: guardrails count it.</summary>
    /// <param name="set">The policies.</param>
    /// <param name="json">JSON.</param>
    /// <param name="project">Whose placeholders, and whose credentials.</param>
    /// <param name="environment">Of the credentials.</param>
    /// <param name="role">Whose words all of it is.</param>
    /// <param name="cancellation">Nobody waits any more.</param>
    internal Task<Result> LookAsync(PolicySet set, byte[] json, ProjectSnapshot project, KeyEnvironment environment, PolicyRoles role, CancellationToken cancellation) =>
        LookAsync(set, json, project, environment, isOutput: false, isEmbedded: false, role, isTrial: false, cancellation);

    private async Task<Result> LookAsync(PolicySet set, byte[] json, ProjectSnapshot project, KeyEnvironment environment, bool isOutput, bool isEmbedded, PolicyRoles role, bool isTrial, CancellationToken cancellation)
    {
        // On its own, so that nothing is known of the text yet, and the time is that of a text that is new.
        using var screen = new BodyScreen(new CleanTextCache()) { KeepsTexts = (isOutput ? set.OutputGuardrails : set.Guardrails).Length > 0 };
        var from = time.GetTimestamp();
        screen.Scan(json, set, isOutput);
        var microseconds = time.GetElapsedTime(from).TotalMicroseconds;
        var hits = new List<(BodyHit Hit, PolicyAction Action)>();
        foreach (var hit in screen.Hits)
        {
            var whose = role != PolicyRoles.None ? role : isOutput ? PolicyRoles.Assistant : hit.Role;
            var action = isOutput ? TextRelease.ActionOf(hit.Rule) : hit.Rule.ActionFor(whose, isEmbedded);
            hits.Add((hit, InputScreen.Fixed(hit.Rule, action, hit.IsFixed && !isOutput)));
        }

        hits.RemoveAll(static hit => hit.Action == PolicyAction.Off);
        hits.Sort(static (a, b) => a.Hit.Range.Start.CompareTo(b.Hit.Range.Start));
        var masks = Masks.Of([.. hits.Where(static hit => hit.Action is PolicyAction.Mask or PolicyAction.Tokenize)], json, input.NewTokens(project.Id));
        var asked = new List<(PolicyRule, GuardrailVerdict)>();
        var request = !screen.KeepsTexts || hits.Exists(static hit => hit.Action == PolicyAction.Block) ? null
            : isOutput ? GuardedBody.OfResponse(set, screen, json, masks)
            : GuardedBody.OfRequest(set, screen, json, masks, isEmbedded, whose => role == PolicyRoles.None ? whose : role);
        if (request is not null)
        {
            var verdicts = await guardrails.AskAsync(request.GuardrailRequests, isOutput, project, environment, isTrial, cancellation);
            masks = request.Settle(verdicts, new PolicyFindings(set.Version), (rule, action, place) => hits.Add((new BodyHit(rule, place.Range) { Where = place.Where }, action)));
            hits.Sort(static (a, b) => a.Hit.Range.Start.CompareTo(b.Hit.Range.Start));
            asked.AddRange(request.GuardrailRequests.Select((one, i) => (one.Rule, verdicts[i])));
        }

        var splices = masks.ToArray();
        var sent = new byte[json.Length + Splice.GrowthOf(splices, json.Length)];
        new SplicedRuns(splices).Fill(json, sent);
        var reasons = hits.Where(static hit => hit.Action == PolicyAction.Block).Select(static hit => hit.Hit.Rule.Reason).Distinct();
        return new(hits.Count == 0 ? PolicyAction.Off : hits.Max(static hit => hit.Action), hits, sent, microseconds, [.. reasons], asked) { IsCut = screen.IsCut };
    }

    /// <param name="Action">The strictest.</param>
    /// <param name="Hits">In order.</param>
    /// <param name="Sent">What would go on.</param>
    /// <param name="Microseconds">What looking took.</param>
    /// <param name="Reasons">Of what blocks.</param>
    /// <param name="Asked">What guardrails have said. Empty: none was asked.</param>
    internal sealed record Result(PolicyAction Action, List<(BodyHit Hit, PolicyAction Action)> Hits, byte[] Sent, double Microseconds, IReadOnlyList<string> Reasons, List<(PolicyRule Rule, GuardrailVerdict Verdict)> Asked)
    {
        /// <summary>There is more to find than is looked for.</summary>
        public bool IsCut { get; init; }
    }
}
