using System.Text.Json;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Policies;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>Rules in words.</summary>
internal static class PolicyText
{
    private const int MaxNamed = 3;

    /// <summary>What rules look for, in the order in which they are offered.</summary>
    public static readonly (PolicyKind Kind, string Label)[] Kinds =
    [
        (PolicyKind.Email, "E-mail addresses"), (PolicyKind.Phone, "Phone numbers"), (PolicyKind.Card, "Payment cards"), (PolicyKind.Iban, "Bank accounts (IBAN)"),
        (PolicyKind.Ssn, "US social security numbers"), (PolicyKind.NationalId, "National numbers of people"), (PolicyKind.Ip, "Public IP addresses"),
        (PolicyKind.ApiKey, "API keys of known vendors"), (PolicyKind.Jwt, "Web tokens (JWT)"), (PolicyKind.PrivateKey, "Private keys (PEM)"), (PolicyKind.OwnKey, "Keys of this edge"),
        (PolicyKind.Words, "Words and phrases"), (PolicyKind.Pattern, "A pattern (regular expression)"),
        (PolicyKind.Injection, "Signs of prompt injection"), (PolicyKind.ExfiltrationLink, "Links that carry data out"), (PolicyKind.Canary, "A canary of the instructions"),
        (PolicyKind.Guardrail, "What a service says (guardrail)"),
    ];

    /// <summary>What becomes of what is found.</summary>
    public static readonly (PolicyAction Action, string Label)[] Actions =
    [
        (PolicyAction.Monitor, "monitor: count it, and nothing else"),
        (PolicyAction.Mask, "mask: put a mark in its place, for good"),
        (PolicyAction.Tokenize, "tokenize: send a placeholder, and put the value back into the answer"),
        (PolicyAction.Block, "block: refuse the request, or end the answer"),
        (PolicyAction.Off, "off: do not look"),
    ];

    public static readonly (PolicyStage Stage, string Label)[] Stages = [(PolicyStage.Input, "requests"), (PolicyStage.Output, "answers"), (PolicyStage.Both, "requests and answers")];

    public static readonly (PolicyDocument.Role Role, string Label)[] Roles =
    [
        (PolicyDocument.Role.User, "user"), (PolicyDocument.Role.Tool, "tool: what tools return"), (PolicyDocument.Role.Assistant, "assistant: what models said"),
        (PolicyDocument.Role.System, "system: instructions"), (PolicyDocument.Role.Definitions, "definitions of tools and of forms of answers"),
    ];

    /// <summary>How a guardrail is asked.</summary>
    public static readonly (GuardrailType Type, string Label)[] GuardrailTypes =
    [
        (GuardrailType.Http, "http: LiteLLM's generic guardrail API"), (GuardrailType.OpenaiModeration, "openai_moderation: OpenAI's moderation"), (GuardrailType.Presidio, "presidio: Presidio's analyzer"),
    ];

    /// <summary>What becomes of what a guardrail could not be asked about.</summary>
    public static readonly (GuardrailFailure Failure, string Label)[] GuardrailFailures = [(GuardrailFailure.Block, "block: refuse it with 503"), (GuardrailFailure.Allow, "allow: let it pass")];

    /// <summary>As the API writes it.</summary>
    public static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <returns>Null: there is no such word.</returns>
    public static T? Read<T>(string? word)
        where T : struct, Enum => Enum.GetValues<T>().Where(value => WordOf(value) == word).Select(value => (T?)value).FirstOrDefault();

    public static string Label(PolicyKind kind) => Kinds.First(known => known.Kind == kind).Label;

    public static string Label(PolicyStage stage) => Stages.First(known => known.Stage == stage).Label;

    /// <summary>The class of the badge of an action.</summary>
    public static string? Tone(PolicyAction action) => action switch
    {
        PolicyAction.Block => "bad",
        PolicyAction.Mask or PolicyAction.Tokenize => "warn",
        PolicyAction.Monitor => "accent",
        _ => null,
    };

    /// <inheritdoc cref="Tone(PolicyAction)"/>
    public static string? Tone(string action) => Read<PolicyAction>(action) is { } known ? Tone(known) : null;

    /// <summary>What callers were told of a hit that is recorded.</summary>
    public static string Reason(RequestPolicy.Hit hit) => Read<PolicyKind>(hit.Kind) is { } kind ? PolicySet.ReasonOf(kind, hit.Rule) : hit.Kind;

    /// <summary>What a rule has of its own beside its kind. Empty: nothing.</summary>
    public static string Detail(PolicyDocument.Rule rule) => rule.Kind switch
    {
        PolicyKind.Words => Named(rule.Words ?? []) + (rule.Threshold is > 1 ? $", {rule.Threshold} of them together" : ""),
        PolicyKind.Pattern => SafeText.Of(rule.Pattern, 80),
        PolicyKind.NationalId => Named(rule.Regions ?? []),
        PolicyKind.Phone when rule.DefaultRegion is { } region => $"without + those of {SafeText.Of(region)}",
        PolicyKind.Guardrail when rule.Guardrail is { } guardrail => $"{WordOf(guardrail.Type)}{(guardrail.Url is { } url ? $" at {SafeText.Of(new Uri(url).Authority, 80)}" : "")}",
        PolicyKind.Injection when rule.MinScore is { } score => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"from a score of {score} on"),
        _ => "",
    };

    private static string Named(List<string> words) =>
        string.Join(", ", words.Take(MaxNamed).Select(word => SafeText.Of(word, 30))) + (words.Count > MaxNamed ? $" and {words.Count - MaxNamed} more" : "");
}
