using System.Text;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Dialects;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening.Documents;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>Holds the requests to guardrails about one body, and computes the changes that follow from the guardrails' verdicts.</summary>
/// <param name="requests">The guardrail rules, each with the texts to check.</param>
/// <param name="splices">The changes that local rules make, sorted.</param>
/// <param name="isOutput">True for a response.</param>
/// <param name="isEmbedded">True when the texts are input for embeddings.</param>
internal sealed class GuardedBody(List<(PolicyRule Rule, GuardedTexts Texts)> requests, List<Splice> splices, bool isOutput, bool isEmbedded)
{
    public IReadOnlyList<GuardrailRequest> GuardrailRequests => requests.ConvertAll(static one => new GuardrailRequest(one.Rule, one.Texts.Texts, one.Texts.IsTooMuch));

    /// <summary>Copies the texts out of body and screen, because both are reused before the guardrails respond.</summary>
    /// <returns>Null when no guardrail has to be asked.</returns>
    public static GuardedBody? OfRequest(PolicySet set, BodyScreen screen, ReadOnlySpan<byte> body, List<Splice> splices, bool isEmbedded, Func<PolicyRoles, PolicyRoles> roleOf)
    {
        var byRoles = new Dictionary<PolicyRoles, GuardedTexts>();
        var requests = new List<(PolicyRule, GuardedTexts)>();
        foreach (var rule in set.Guardrails)
        {
            if (!byRoles.TryGetValue(rule.Roles, out var texts))
            {
                byRoles.Add(rule.Roles, texts = GuardedTexts.Of(rule.Roles, screen, body, splices, roleOf));
            }

            if (texts.Texts.Count > 0 || texts.IsTooMuch)
            {
                requests.Add((rule, texts));
            }
        }

        return requests.Count == 0 ? null : new(requests, splices, isOutput: false, isEmbedded);
    }

    /// <inheritdoc cref="OfRequest"/>
    public static GuardedBody? OfResponse(PolicySet set, BodyScreen screen, ReadOnlySpan<byte> body, List<Splice> splices)
    {
        var texts = GuardedTexts.Of(PolicyRoles.Assistant, screen, body, splices, static _ => PolicyRoles.Assistant);
        return texts.Texts.Count == 0 && !texts.IsTooMuch ? null : new([.. set.OutputGuardrails.Select(rule => (rule, texts))], splices, isOutput: true, isEmbedded: false);
    }

    /// <summary>Adds the findings of the verdicts, and returns the changes of the body.</summary>
    /// <param name="verdicts">One for each of <see cref="GuardrailRequests"/>.</param>
    /// <param name="findings">Receives the findings and the failures.</param>
    /// <param name="found">Called with each hit and its place. Default null.</param>
    /// <returns>All changes of the body, sorted: those of local rules and of guardrails.</returns>
    public List<Splice> Settle(IReadOnlyList<GuardrailVerdict> verdicts, PolicyFindings findings, Action<PolicyRule, PolicyAction, BodyText>? found = null)
    {
        var changed = new Dictionary<BodyText, (string Text, List<TextEdit> Edits)>();
        for (var i = 0; i < requests.Count; i++)
        {
            var (rule, texts) = requests[i];
            if (verdicts[i].Fault is not null)
            {
                findings.AddFailure(rule, isOutput);
                continue;
            }

            if (verdicts[i].Blocks)
            {
                var first = texts.PlacesOf(0)[0];
                Count(rule, first, hasEdit: false, isSure: texts.Texts.Count == 1);
            }

            foreach (var (text, edit) in verdicts[i].Hits)
            {
                foreach (var place in texts.PlacesOf(text))
                {
                    if (Count(rule, place, edit is not null, isSure: true) == PolicyAction.Mask)
                    {
                        if (!changed.TryGetValue(place, out var its))
                        {
                            changed.Add(place, its = (texts.Texts[text], []));
                        }

                        its.Edits.Add(edit!.Value);
                    }
                }
            }
        }

        return With(changed);

        PolicyAction Count(PolicyRule rule, in BodyText place, bool hasEdit, bool isSure)
        {
            // If a finding should be masked but the guardrail gave no edit, the body must be blocked.
            var action = isOutput ? rule.Action : rule.ActionFor(place.Role, isEmbedded);
            action = action == PolicyAction.Mask && !hasEdit ? PolicyAction.Block : action;
            findings.Add(rule, isOutput, action, isSure ? place.Where : null);
            found?.Invoke(rule, action, place);
            return action;
        }
    }

    private List<Splice> With(Dictionary<BodyText, (string Text, List<TextEdit> Edits)> changed)
    {
        if (changed.Count == 0)
        {
            return splices;
        }

        // Drops the changes of local rules in texts that a guardrail changes: the guardrail received these texts with the local changes.
        var ranges = changed.Keys.Select(static place => place.Range).OrderBy(static range => range.Start).ToArray();
        var (all, next) = (new List<Splice>(), 0);
        foreach (var splice in splices)
        {
            while (next < ranges.Length && ranges[next].End <= splice.Range.Start)
            {
                next++;
            }

            if (next == ranges.Length || splice.Range.Start < ranges[next].Start)
            {
                all.Add(splice);
            }
        }

        all.AddRange(changed.Select(static one => new Splice(one.Key.Range, BytesOf(one.Key, TextEdit.Apply(one.Value.Text, one.Value.Edits)))));
        all.Sort(static (a, b) => a.Range.Start.CompareTo(b.Range.Start));
        return all;
    }

    private static byte[] BytesOf(in BodyText place, string text)
    {
        if (place.IsRaw)
        {
            // Breaks up a line that begins with "--": it could be read as the end of the form part.
            return Encoding.UTF8.GetBytes(text.Replace("\n--", "\n- -", StringComparison.Ordinal).Replace("\r--", "\r- -", StringComparison.Ordinal));
        }

        var buffer = new TextBuffer();
        JsonText.Escape(text, buffer);
        var bytes = buffer.Span.ToArray();
        buffer.Clear();
        return bytes;
    }
}
