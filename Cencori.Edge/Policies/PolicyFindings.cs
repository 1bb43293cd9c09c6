using System.Text.Json;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Policies;

/// <summary>Collects the policy findings in one request and its response. Holds rules and places, never the text itself.</summary>
public sealed class PolicyFindings(long version)
{
    // One line per rule and stage. Rules are few, so a list is enough.
    private readonly List<Line> _lines = [];
    private List<Unasked>? _unasked;

    /// <summary>Time spent scanning the request, in microseconds.</summary>
    public long InputMicroseconds { get; set; }

    /// <summary>Time spent scanning the response, in microseconds.</summary>
    public long OutputMicroseconds { get; set; }

    /// <summary>Time spent waiting for guardrails, in microseconds. 0: no guardrail was called.</summary>
    public long GuardrailMicroseconds { get; set; }

    /// <summary>True when a guardrail check failed, and its rule blocks on failure.</summary>
    public bool HasGuardrailFailure { get; private set; }

    /// <summary>True when some content could not be scanned.</summary>
    public bool IsUnscanned { get; set; }

    /// <summary>True when a finding blocks the request or its response.</summary>
    public bool Blocks { get; private set; }

    /// <summary>True when the model name of the request contains a finding. The name is then not recorded anywhere.</summary>
    public bool HidesModel { get; set; }

    /// <summary>True when a finding ended the response early, or refused it as a whole.</summary>
    public bool IsEnded { get; set; }

    /// <param name="rule">The rule with a finding.</param>
    /// <param name="isOutput">True for a finding in the response, false for the request.</param>
    /// <param name="action">The action taken.</param>
    /// <param name="where">Path of the finding. Null in a stream.</param>
    public void Add(PolicyRule rule, bool isOutput, PolicyAction action, string? where)
    {
        Blocks |= action == PolicyAction.Block;
        foreach (var line in _lines)
        {
            if (ReferenceEquals(line.Rule, rule) && line.IsOutput == isOutput)
            {
                line.Count++;
                line.Action = action > line.Action ? action : line.Action;
                return;
            }
        }

        _lines.Add(new(rule, isOutput) { Action = action, Count = 1, Where = where });
    }

    /// <param name="rule">The rule whose guardrail check failed.</param>
    /// <param name="isOutput">True when the response was checked, false for the request.</param>
    /// <param name="isLate">True when the caller has already received the whole text: the rule cannot block any more.</param>
    public void AddFailure(PolicyRule rule, bool isOutput, bool isLate = false)
    {
        var isRefused = rule.Guardrail!.BlocksOnFailure && !isLate;
        HasGuardrailFailure |= isRefused;
        if ((_unasked ??= []).Find(one => ReferenceEquals(one.Rule, rule) && one.IsOutput == isOutput) is { } known)
        {
            known.Count++;
        }
        else
        {
            _unasked.Add(new(rule, isOutput, isRefused));
        }
    }

    /// <summary>The distinct reasons of findings that block.</summary>
    public IReadOnlyList<string> Reasons() => [.. _lines.Where(static line => line.Action == PolicyAction.Block).Select(static line => line.Rule.Reason).Distinct()];

    /// <summary>The policy part of the request record.</summary>
    public RequestPolicy ToRecord() => new()
    {
        Version = version,
        InputUs = InputMicroseconds,
        OutputUs = OutputMicroseconds,
        GuardrailUs = GuardrailMicroseconds,
        Unscanned = IsUnscanned,
        Hits = [.. _lines.Select(static line => new RequestPolicy.Hit
        {
            Rule = line.Rule.Id,
            Kind = WordOf(line.Rule.Kind),
            Stage = StageOf(line.IsOutput),
            Action = WordOf(line.Action),
            Count = line.Count,
            Where = line.Where,
        }).Concat((_unasked ?? []).Select(static unasked => new RequestPolicy.Hit
        {
            Rule = unasked.Rule.Id,
            Kind = WordOf(unasked.Rule.Kind),
            Stage = StageOf(unasked.IsOutput),
            Action = unasked.IsRefused ? RequestPolicy.Failed : RequestPolicy.Skipped,
            Count = unasked.Count,
        })).Take(RequestPolicy.Max)],
    };

    /// <summary>Passes the new findings of one stage, since the last call, to <paramref name="report"/>: rule, action and count.</summary>
    public void Report(bool isOutput, Action<PolicyRule, PolicyAction, long> report)
    {
        foreach (var line in _lines)
        {
            if (line.IsOutput == isOutput && line.Count > line.Reported)
            {
                report(line.Rule, line.Action, line.Count - line.Reported);
                line.Reported = line.Count;
            }
        }
    }

    private static string StageOf(bool isOutput) => isOutput ? "output" : "input";

    private static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private sealed class Unasked(PolicyRule rule, bool isOutput, bool isRefused)
    {
        public PolicyRule Rule => rule;

        public bool IsOutput => isOutput;

        public bool IsRefused => isRefused;

        public long Count { get; set; } = 1;
    }

    private sealed class Line(PolicyRule rule, bool isOutput)
    {
        public PolicyRule Rule => rule;

        public bool IsOutput => isOutput;

        public required PolicyAction Action { get; set; }

        public required long Count { get; set; }

        public long Reported { get; set; }

        public required string? Where { get; init; }
    }
}
