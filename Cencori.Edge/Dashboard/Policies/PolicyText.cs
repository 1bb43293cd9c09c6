using System.Text.Json;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Policies;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>Describes policy rules in words.</summary>
internal static class PolicyText
{
    private const int MaxNamed = 3;

    /// <summary>Kinds of rules, in the order of the form.</summary>
    public static readonly (PolicyKind Kind, string Label)[] Kinds =
    [
        (PolicyKind.Email, "E-mail addresses"), (PolicyKind.Phone, "Phone numbers"), (PolicyKind.Card, "Payment cards"), (PolicyKind.Iban, "Bank accounts (IBAN)"),
        (PolicyKind.Ssn, "US social security numbers"), (PolicyKind.NationalId, "National identity numbers"), (PolicyKind.Ip, "Public IP addresses"),
        (PolicyKind.ApiKey, "API keys of known vendors"), (PolicyKind.Jwt, "Web tokens (JWT)"), (PolicyKind.PrivateKey, "Private keys (PEM)"), (PolicyKind.OwnKey, "Keys of this edge"),
        (PolicyKind.Words, "Words and phrases"), (PolicyKind.Pattern, "A pattern (regular expression)"),
        (PolicyKind.Injection, "Signs of prompt injection"), (PolicyKind.ExfiltrationLink, "Links that leak data"), (PolicyKind.Canary, "A canary in the system prompt"),
        (PolicyKind.Guardrail, "An external guardrail service"),
    ];

    /// <summary>Actions for findings.</summary>
    public static readonly (PolicyAction Action, string Label)[] Actions =
    [
        (PolicyAction.Monitor, "monitor: only count the finding"),
        (PolicyAction.Mask, "mask: replace the finding permanently"),
        (PolicyAction.Tokenize, "tokenize: send a placeholder, and restore the value in the response"),
        (PolicyAction.Block, "block: refuse the request, or end the response"),
        (PolicyAction.Off, "off: do not scan"),
    ];

    public static readonly (PolicyStage Stage, string Label)[] Stages = [(PolicyStage.Input, "requests"), (PolicyStage.Output, "responses"), (PolicyStage.Both, "requests and responses")];

    public static readonly (PolicyDocument.Role Role, string Label)[] Roles =
    [
        (PolicyDocument.Role.User, "user"), (PolicyDocument.Role.Tool, "tool: what tools return"), (PolicyDocument.Role.Assistant, "assistant: what models said"),
        (PolicyDocument.Role.System, "system: instructions"), (PolicyDocument.Role.Definitions, "definitions of tools and response formats"),
    ];

    /// <summary>Protocols of guardrail services.</summary>
    public static readonly (GuardrailType Type, string Label)[] GuardrailTypes =
    [
        (GuardrailType.Http, "http: LiteLLM's generic guardrail API"), (GuardrailType.OpenaiModeration, "openai_moderation: OpenAI's moderation"), (GuardrailType.Presidio, "presidio: Presidio's analyzer"),
    ];

    /// <summary>What happens when a guardrail service fails.</summary>
    public static readonly (GuardrailFailure Failure, string Label)[] GuardrailFailures = [(GuardrailFailure.Block, "block: refuse the request or response with 503"), (GuardrailFailure.Allow, "allow: continue without the check")];

    /// <summary>The API's name of an enum value.</summary>
    public static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <returns>Null: the word is unknown.</returns>
    public static T? Read<T>(string? word)
        where T : struct, Enum => Enum.GetValues<T>().Where(value => WordOf(value) == word).Select(value => (T?)value).FirstOrDefault();

    public static string Label(PolicyKind kind) => Kinds.First(known => known.Kind == kind).Label;

    public static string Label(PolicyStage stage) => Stages.First(known => known.Stage == stage).Label;

    /// <summary>The CSS class of an action's badge.</summary>
    public static string? Tone(PolicyAction action) => action switch
    {
        PolicyAction.Block => "bad",
        PolicyAction.Mask or PolicyAction.Tokenize => "warn",
        PolicyAction.Monitor => "accent",
        _ => null,
    };

    /// <inheritdoc cref="Tone(PolicyAction)"/>
    public static string? Tone(string action) => Read<PolicyAction>(action) is { } known ? Tone(known) : null;

    /// <summary>The reason that callers see for a recorded finding.</summary>
    public static string Reason(RequestPolicy.Hit hit) => Read<PolicyKind>(hit.Kind) is { } kind ? PolicySet.ReasonOf(kind, hit.Rule) : hit.Kind;

    /// <summary>Describes the settings of a rule that belong to its kind, such as its words. Empty: the rule has none.</summary>
    public static string Detail(PolicyDocument.Rule rule) => rule.Kind switch
    {
        PolicyKind.Words => Named(rule.Words ?? []) + (rule.Threshold is > 1 ? $", {rule.Threshold} of them together" : ""),
        PolicyKind.Pattern => SafeText.Of(rule.Pattern, 80),
        PolicyKind.NationalId => Named(rule.Regions ?? []),
        PolicyKind.Phone when rule.DefaultRegion is { } region => $"numbers without + are taken for numbers in {SafeText.Of(region)}",
        PolicyKind.Guardrail when rule.Guardrail is { } guardrail => $"{WordOf(guardrail.Type)}{(guardrail.Url is { } url ? $" at {SafeText.Of(new Uri(url).Authority, 80)}" : "")}",
        PolicyKind.Injection when rule.MinScore is { } score => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"score {score} or higher"),
        _ => "",
    };

    private static string Named(List<string> words) =>
        string.Join(", ", words.Take(MaxNamed).Select(word => SafeText.Of(word, 30))) + (words.Count > MaxNamed ? $" and {words.Count - MaxNamed} more" : "");
}
