using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.Attacks;
using Cencori.Edge.Policies.Detectors.OwnRules;
using Cencori.Edge.Policies.Detectors.PersonalData;
using Cencori.Edge.Policies.Detectors.Scanning;
using Cencori.Edge.Policies.Detectors.Secrets;

namespace Cencori.Edge.Policies;

/// <summary>A project's policies prepared for requests: created once for each snapshot of the project, and shared by all requests.</summary>
public sealed class PolicySet
{
    /// <summary>Name of the rule that masks API keys of the edge in requests, because they must not reach providers. The edge adds the rule to a project
    /// that has enabled rules, but no rule of the kind <see cref="PolicyKind.OwnKey"/>.</summary>
    public const string OwnKeyRule = "own_key";

    // Default of PolicyRule.Context, in characters.
    private const int DefaultContext = 64;

    private const PolicyRoles ConversationRoles = PolicyRoles.User | PolicyRoles.Tool | PolicyRoles.Assistant;
    private const PolicyRoles All = ConversationRoles | PolicyRoles.System | PolicyRoles.Definitions;

    private PolicySet(long version, PolicyRule[] rules, string text)
    {
        Version = version;
        Input = Array.FindAll(rules, static rule => rule is { IsForInput: true, Guardrail: null });
        Guardrails = Array.FindAll(rules, static rule => rule is { IsForInput: true, Guardrail: not null });
        Output = Array.FindAll(rules, static rule => rule is { IsForOutput: true, Guardrail: null });
        OutputGuardrails = Array.FindAll(rules, static rule => rule is { IsForOutput: true, Guardrail: not null });
        EnforcesInput = Array.Exists(rules, static rule => rule.IsForInput && rule.Action > PolicyAction.Monitor && !rule.IsImplied);
        EnforcesOutput = Array.Exists(rules, static rule => rule.IsForOutput && rule.Action > PolicyAction.Monitor);
        Digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Version of the project's policies. Increases with each change.</summary>
    public long Version { get; }

    /// <summary>Rules for texts sent to providers.</summary>
    public PolicyRule[] Input { get; }

    /// <summary>Guardrails for texts sent to providers. Not included in <see cref="Input"/>.</summary>
    public PolicyRule[] Guardrails { get; }

    /// <summary>True when any rule or guardrail scans texts sent to providers.</summary>
    public bool ScansInput => Input.Length > 0 || Guardrails.Length > 0;

    /// <summary>Rules for responses.</summary>
    public PolicyRule[] Output { get; }

    /// <summary>Guardrails for responses. Not included in <see cref="Output"/>. They apply to model output, regardless of <see cref="PolicyRule.Roles"/>.</summary>
    public PolicyRule[] OutputGuardrails { get; }

    /// <summary>True when any rule or guardrail scans responses.</summary>
    public bool ScansOutput => Output.Length > 0 || OutputGuardrails.Length > 0;

    /// <summary>True when an input rule or guardrail masks or blocks its hits instead of only counting them. A rule <see cref="OwnKeyRule"/> that the edge
    /// has added does not make this true: if a project only monitors, the edge must not refuse the requests that it cannot scan.</summary>
    public bool EnforcesInput { get; }

    /// <summary>True when an output rule or guardrail masks or blocks its hits instead of only counting them.</summary>
    public bool EnforcesOutput { get; }

    /// <summary>True when the stored policies cannot be read, for example because a later version of the edge wrote them.
    /// All requests are then refused, because the forbidden content is unknown.</summary>
    public bool IsUnreadable { get; private init; }

    /// <summary>True: the edge refuses requests and responses that it cannot scan, such as files and audio.
    /// Has an effect only with <see cref="EnforcesInput"/> or <see cref="EnforcesOutput"/>.</summary>
    public bool BlocksUnscanned { get; private init; }

    /// <summary>True: the edge refuses WebSockets, because it cannot scan their messages.</summary>
    public bool BlocksWebSockets => IsUnreadable || (BlocksUnscanned && (EnforcesInput || EnforcesOutput));

    /// <summary>True: the edge refuses a request with parts that are not text, such as images. Has an effect only with <see cref="EnforcesInput"/>.</summary>
    public bool BlocksUnscannableParts { get; private init; }

    public OutputBlock OnOutputBlock { get; private init; }

    /// <summary>The webhook for block events. Null: the project has none.</summary>
    public PolicyWebhook? Webhook { get; private init; }

    /// <summary>A hash of the policy document. It changes when the document changes.</summary>
    public ReadOnlyMemory<byte> Digest { get; }

    /// <summary>True when an input or output rule has a finding in the text, whatever the roles of the rule. Guardrails are not asked.</summary>
    public bool Finds(string text)
    {
        using var screen = new TextScreen();
        screen.ScanPlain(text, Input);
        if (screen.Hits.Count == 0)
        {
            screen.ScanPlain(text, Output);
        }

        return screen.Hits.Count > 0;
    }

    /// <summary>Prepares stored policies for requests.</summary>
    /// <param name="json">The output of <see cref="PolicyDocument.Write"/>. Null: nothing is stored.</param>
    /// <param name="version">Version of the stored policies.</param>
    /// <param name="secrets">Decrypts the project's secrets.</param>
    /// <returns>Null when no rule is enabled.</returns>
    public static PolicySet? Open(string? json, long version, PolicySecrets secrets)
    {
        try
        {
            return json is null ? null : Of(PolicyDocument.Parse(json), version, secrets, json);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or NotSupportedException or UriFormatException)
        {
            return new(version, [], "") { IsUnreadable = true };
        }
    }

    /// <summary>Prepares a policy document for requests. Null when no rule is enabled.</summary>
    /// <exception cref="ArgumentException">The document is not valid; see <see cref="PolicyChecks"/>.</exception>
    public static PolicySet? Of(PolicyDocument document, long version, PolicySecrets? secrets = null, string? json = null)
    {
        var rules = document.Rules.Where(static rule => rule.Action != PolicyAction.Off).Select(rule => Make(rule, secrets)).ToList();
        if (rules.Count == 0)
        {
            return null;
        }

        if (!document.Rules.Exists(static rule => rule.Kind == PolicyKind.OwnKey))
        {
            rules.Add(Make(new() { Id = OwnKeyRule, Name = OwnKeyRule, Kind = PolicyKind.OwnKey, Action = PolicyAction.Mask }, secrets) with { IsImplied = true });
        }

        return new(version, [.. rules], json ?? document.Write())
        {
            BlocksUnscanned = (document.UnscannedEndpoints ?? UnscannedRule.Block) == UnscannedRule.Block,
            BlocksUnscannableParts = document.UnscannableParts == UnscannedRule.Block,
            OnOutputBlock = document.OnOutputBlock ?? OutputBlock.Error,
            Webhook = document.Webhook is { } webhook ? PolicyWebhook.Of(webhook, secrets) : null,
        };
    }

    private static PolicyRule Make(PolicyDocument.Rule rule, PolicySecrets? secrets)
    {
        var (kind, action) = (rule.Kind, rule.Action ?? PolicyAction.Monitor);
        var stage = rule.Stage ?? DefaultStage(kind);
        var roles = rule.Roles is null ? DefaultRoles(kind, action) : rule.Roles.Aggregate(PolicyRoles.None, static (all, role) => all | RoleOf(role));
        var id = rule.Id ?? PolicyIds.Of(rule.Name);
        return new()
        {
            Id = id,
            Kind = kind,
            Action = action,
            Detector = DetectorOf(rule),
            Guardrail = kind == PolicyKind.Guardrail ? Guardrail.Of(rule, action, secrets) : null,
            IsForInput = stage != PolicyStage.Output,
            IsForOutput = stage != PolicyStage.Input,
            Roles = roles,
            Counted = rule.Roles is null && kind is not (PolicyKind.Injection or PolicyKind.Guardrail) ? PolicyRoles.System & ~roles : PolicyRoles.None,
            Reason = ReasonOf(kind, id),
            Mask = kind is PolicyKind.Words or PolicyKind.Pattern or PolicyKind.Injection or PolicyKind.Canary or PolicyKind.Guardrail ? "[REDACTED]" : $"[{LabelOf(kind)}]",
            Allow = [.. (rule.Allow ?? []).Where(static text => text.Length > 0)],
            MasksEmbeddings = rule.MaskEmbeddings ?? false,
            Context = rule.Threshold > 1 ? WordsDetector.Near + DefaultContext : DefaultContext,
        };
    }

    /// <summary>What a rule of this kind scans (input, output or both) if the rule sets no stage.</summary>
    internal static PolicyStage DefaultStage(PolicyKind kind) => kind switch
    {
        PolicyKind.Words or PolicyKind.Pattern => PolicyStage.Both,
        PolicyKind.Canary or PolicyKind.ExfiltrationLink => PolicyStage.Output,
        _ => PolicyStage.Input,
    };

    private static PolicyRoles DefaultRoles(PolicyKind kind, PolicyAction action) => kind switch
    {
        PolicyKind.OwnKey => All,
        PolicyKind.Words or PolicyKind.Pattern or PolicyKind.Canary when action == PolicyAction.Block => All,
        PolicyKind.Injection or PolicyKind.Guardrail => PolicyRoles.User | PolicyRoles.Tool,
        _ => ConversationRoles,
    };

    private static PolicyRoles RoleOf(PolicyDocument.Role role) => role switch
    {
        PolicyDocument.Role.User => PolicyRoles.User,
        PolicyDocument.Role.Tool => PolicyRoles.Tool,
        PolicyDocument.Role.Assistant => PolicyRoles.Assistant,
        PolicyDocument.Role.System => PolicyRoles.System,
        PolicyDocument.Role.Definitions => PolicyRoles.Definitions,
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    /// <summary>The reason that callers receive for a hit that blocks; see <see cref="PolicyRule.Reason"/>.</summary>
    internal static string ReasonOf(PolicyKind kind, string id) => kind switch
    {
        PolicyKind.Words or PolicyKind.Pattern => $"rule.{id}",
        PolicyKind.Guardrail => $"guardrail.{id}",
        PolicyKind.Injection or PolicyKind.Canary or PolicyKind.ExfiltrationLink => LabelOf(kind).ToLowerInvariant(),
        PolicyKind.Jwt or PolicyKind.PrivateKey or PolicyKind.ApiKey or PolicyKind.OwnKey => $"secret.{LabelOf(kind).ToLowerInvariant()}",
        _ => $"pii.{LabelOf(kind).ToLowerInvariant()}",
    };

    /// <summary>The label of a kind of rule inside placeholders, such as <c>EMAIL</c>.</summary>
    internal static string LabelOf(PolicyKind kind) => JsonNamingPolicy.SnakeCaseUpper.ConvertName(kind.ToString());

    private static Detector DetectorOf(PolicyDocument.Rule rule) => rule.Kind switch
    {
        PolicyKind.Email => new EmailDetector(),
        PolicyKind.Card => new CardDetector(),
        PolicyKind.Iban => new IbanDetector(),
        PolicyKind.Ssn => new SsnDetector(),
        PolicyKind.Phone => new PhoneDetector(rule.DefaultRegion),
        PolicyKind.Ip => new IpDetector(),
        PolicyKind.NationalId => new NationalIdDetector(rule.Regions ?? []),
        PolicyKind.Jwt => new JwtDetector(),
        PolicyKind.PrivateKey => new PrivateKeyDetector(),
        PolicyKind.ApiKey => new ApiKeyDetector(),
        PolicyKind.OwnKey => new OwnKeyDetector(),
        PolicyKind.Words => new WordsDetector(rule.Words ?? [], rule.Threshold ?? 1, FoldWord),
        PolicyKind.Canary => new WordsDetector([rule.Canary ?? ""], 1, FoldWord),
        PolicyKind.Pattern => new PatternDetector(rule.Pattern ?? "", rule.IgnoreCase ?? false, rule.MaxMatch ?? PolicyChecks.DefaultMaxMatch),
        PolicyKind.Injection => new InjectionDetector(rule.MinScore ?? PolicyChecks.DefaultMinScore),
        PolicyKind.ExfiltrationLink => new ExfiltrationDetector(),
        PolicyKind.Guardrail => new NullDetector(),
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };

    /// <summary>Converts a word to the form that <see cref="ScannedText"/> gives to texts, so that the word can be found in them.</summary>
    internal static string FoldWord(string word)
    {
        using var text = new ScannedText();
        text.ReadPlain(word);
        return text.Text.ToString();
    }
}
