using System.Text;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>Collects parts of streamed texts that guardrails check in one call. Each distinct text is sent once.</summary>
internal sealed class WindowedTexts
{
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
    private readonly List<List<TextWindow>> _parts = [];
    private readonly List<string> _texts = [];

    public WindowedTexts(List<TextWindow> parts)
    {
        var bytes = 0;
        foreach (var part in parts)
        {
            if (string.IsNullOrWhiteSpace(part.Before))
            {
                continue;
            }

            if (!_known.TryGetValue(part.Text, out var index))
            {
                _known.Add(part.Text, index = _texts.Count);
                _texts.Add(part.Text);
                _parts.Add([]);
                bytes += Encoding.UTF8.GetByteCount(part.Text);
            }

            _parts[index].Add(part);
        }

        IsTooMuch = _texts.Count > GuardedTexts.Max || bytes > GuardedTexts.MaxBytes;
    }

    public IReadOnlyList<string> Texts => _texts;

    /// <summary>True when there is more text than the edge sends to a guardrail.</summary>
    public bool IsTooMuch { get; }

    public List<GuardrailRequest> GuardrailRequests(PolicyRule[] rules) => [.. rules.Select(rule => new GuardrailRequest(rule, _texts, IsTooMuch))];

    /// <summary>Adds the findings of the verdicts, and applies their edits to the parts.</summary>
    /// <param name="rules">The rules that were asked. All of them mask or block.</param>
    /// <param name="verdicts">One for each rule.</param>
    /// <param name="findings">Receives the findings and the failures.</param>
    public void Settle(PolicyRule[] rules, IReadOnlyList<GuardrailVerdict> verdicts, PolicyFindings findings)
    {
        for (var i = 0; i < rules.Length; i++)
        {
            var (rule, verdict) = (rules[i], verdicts[i]);
            if (verdict.Fault is not null)
            {
                findings.AddFailure(rule, isOutput: true);
                continue;
            }

            if (verdict.Blocks)
            {
                // The verdict names no edit, so nothing can be masked. The response is blocked instead.
                findings.Add(rule, isOutput: true, PolicyAction.Block, where: null);
            }

            foreach (var (text, edit) in verdict.Hits)
            {
                if (rule.Action != PolicyAction.Mask || edit is null)
                {
                    findings.Add(rule, isOutput: true, PolicyAction.Block, where: null);
                }
                else if (HasChanged(_parts[text], edit.Value))
                {
                    findings.Add(rule, isOutput: true, PolicyAction.Mask, where: null);
                }
            }
        }
    }

    private static bool HasChanged(List<TextWindow> parts, TextEdit edit)
    {
        var hasChanged = false;
        foreach (var part in parts)
        {
            hasChanged |= part.TryChange(edit);
        }

        return hasChanged;
    }
}
