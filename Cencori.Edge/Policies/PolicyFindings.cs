using System.Text.Json;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Policies;

/// <summary>What a project's policies have found in one request and its response. It has rules and places, and nothing of what was said.</summary>
public sealed class PolicyFindings(long version)
{
    // Rules are few. Each has a place for each stage.
    private readonly List<Line> _lines = [];
    private List<Unasked>? _unasked;

    /// <summary>Time spent, in microseconds.</summary>
    public long InputMicroseconds { get; set; }

    /// <inheritdoc cref="InputMicroseconds"/>
    public long OutputMicroseconds { get; set; }

    /// <summary>Time spent waiting for guardrails, in microseconds. 0: none was asked.</summary>
    public long GuardrailMicroseconds { get; set; }

    /// <summary>A guardrail could not be asked, and its rule lets nothing pass that it could not be asked about.</summary>
    public bool HasGuardrailFailure { get; private set; }

    /// <summary>There was something that no rule could look into.</summary>
    public bool IsUnscanned { get; set; }

    /// <summary>Something was found that refuses the request, or ends its response.</summary>
    public bool Blocks { get; private set; }

    /// <summary>What the request calls its model has something in it that must not pass, and is told nowhere.</summary>
    public bool HidesModel { get; set; }

    /// <summary>The response was ended, or refused as a whole.</summary>
    public bool IsEnded { get; set; }

    /// <param name="rule">Which has found something.</param>
    /// <param name="isOutput">In the response.</param>
    /// <param name="action">What becomes of it.</param>
    /// <param name="where">As a path. Null: in a stream.</param>
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

    /// <param name="rule">Whose guardrail could not be asked.</param>
    /// <param name="isOutput">About the response.</param>
    /// <param name="isLate">The caller has all of it, whatever the rule says.</param>
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

    /// <summary>Why it is blocked, each once.</summary>
    public IReadOnlyList<string> Reasons() => [.. _lines.Where(static line => line.Action == PolicyAction.Block).Select(static line => line.Rule.Reason).Distinct()];

    /// <summary>As the record has it. Null: nothing was found and nothing spent.</summary>
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
        })).Take(RequestPolicy.Most)],
    };

    /// <summary>Tells what was found at one stage, rule by rule, and has not been told yet.</summary>
    public void Report(bool isOutput, Action<PolicyRule, PolicyAction, long> told)
    {
        foreach (var line in _lines)
        {
            if (line.IsOutput == isOutput && line.Count > line.Reported)
            {
                told(line.Rule, line.Action, line.Count - line.Reported);
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
