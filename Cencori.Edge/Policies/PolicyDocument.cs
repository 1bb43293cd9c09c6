using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Settings;

namespace Cencori.Edge.Policies;

/// <summary>A project's policies as written and stored: JSON in snake_case. An unknown member is an error. An omitted member has its default.</summary>
public sealed record PolicyDocument
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new SnakeCaseEnums() },
    };

    /// <summary>A document without rules.</summary>
    public static PolicyDocument None { get; } = new() { Rules = [] };

    /// <summary>The rules, at most 100.</summary>
    public required List<Rule> Rules { get; init; }

    /// <summary>What happens to requests and responses that the rules cannot scan: files, audio, WebSockets, bodies that are neither JSON nor forms.
    /// Applies only if some rule masks or blocks. Default <c>block</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UnscannedRule? UnscannedEndpoints { get; init; }

    /// <summary>What happens to requests with parts other than text: images, audio, files. Default <c>allow</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UnscannedRule? UnscannableParts { get; init; }

    /// <summary>How a stream ends after a finding that blocks. Default <c>error</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OutputBlock? OnOutputBlock { get; init; }

    /// <summary>The webhook that is called when a rule has blocked a request or response. Default: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WebhookSettings? Webhook { get; init; }

    /// <summary>Parses the output of <see cref="Write"/>.</summary>
    /// <exception cref="JsonException">The text is not a policy document.</exception>
    public static PolicyDocument Parse(string json) => JsonSerializer.Deserialize<PolicyDocument>(json, Json) ?? throw new JsonException("The policy document must not be null.");

    /// <summary>Returns the stored form: JSON.</summary>
    public string Write() => JsonSerializer.Serialize(this, Json);

    /// <summary>Returns a copy in which the omitted ids, actions and stages of rules, and the omitted settings for all rules, have their defaults.</summary>
    public PolicyDocument Complete() => this with
    {
        Rules = Rules.ConvertAll(static rule => rule with { Id = rule.Id ?? PolicyIds.Of(rule.Name), Action = rule.Action ?? PolicyAction.Monitor, Stage = rule.Stage ?? PolicySet.DefaultStage(rule.Kind) }),
        UnscannedEndpoints = UnscannedEndpoints ?? UnscannedRule.Block,
        UnscannableParts = UnscannableParts ?? UnscannedRule.Allow,
        OnOutputBlock = OnOutputBlock ?? OutputBlock.Error,
    };

    /// <summary>Returns a copy with changed guardrails.</summary>
    internal PolicyDocument WithGuardrails(Func<Rule, GuardrailSettings, GuardrailSettings> change) =>
        this with { Rules = Rules.ConvertAll(rule => rule?.Guardrail is { } guardrail ? rule with { Guardrail = change(rule, guardrail) } : rule!) };

    /// <summary>Returns a copy with a changed webhook. Without a webhook, returns this document.</summary>
    internal PolicyDocument WithWebhook(Func<WebhookSettings, WebhookSettings> change) => Webhook is { } webhook ? this with { Webhook = change(webhook) } : this;

    /// <summary>What a rule looks for, where, and which action follows.</summary>
    public sealed record Rule
    {
        /// <summary>1 to 64 letters, digits, <c>-</c> and <c>_</c>, unique in the project. Default: derived from the name.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Id { get; init; }

        /// <summary>Display name, 1 to 100 characters.</summary>
        public required string Name { get; init; }

        public required PolicyKind Kind { get; init; }

        /// <summary>The action after a finding. Default <c>monitor</c>: findings are only counted.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public PolicyAction? Action { get; init; }

        /// <summary>Whether requests or responses are scanned. Default: <c>input</c>; for words and patterns <c>both</c>; for canaries and links <c>output</c>.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public PolicyStage? Stage { get; init; }

        /// <summary>
        /// Roles to whose texts the action applies. Default: <c>user</c>, <c>tool</c>, <c>assistant</c>; findings in instructions are then only counted.
        /// Default for <c>own_key</c>, and for words, patterns and canaries that block: all roles. Default for <c>injection</c> and <c>guardrail</c>:
        /// <c>user</c>, <c>tool</c>; findings in instructions are then not counted.
        /// </summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<Role>? Roles { get; init; }

        /// <summary>
        /// Exceptions, at most 200. A finding is not a hit if it equals one of these texts. An entry that begins with <c>*</c>, such as <c>*@acme.com</c>,
        /// is an exception for all findings that end with the rest of the entry. Letter case is ignored. Default: no exceptions.
        /// </summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Allow { get; init; }

        /// <summary>For <c>words</c>: 1 to 1,000 words, each at most 200 characters.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Words { get; init; }

        /// <summary>For <c>words</c>: how many different words within 400 characters make a hit. Default 1.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? Threshold { get; init; }

        /// <summary>For <c>pattern</c>: a regular expression for .NET's non-backtracking engine, at most 500 characters.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Pattern { get; init; }

        /// <summary>For <c>pattern</c>: whether letter case is ignored. Default false.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? IgnoreCase { get; init; }

        /// <summary>For <c>pattern</c>: longest match, in characters. Streams are held back by this length. 1 to 4,096. Default 128.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? MaxMatch { get; init; }

        /// <summary>For <c>national_id</c>: two-letter codes of the countries whose numbers are found.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Regions { get; init; }

        /// <summary>For <c>phone</c>: the country of numbers without <c>+</c>. Default: such numbers are not found.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? DefaultRegion { get; init; }

        /// <summary>For <c>canary</c>: the text, 8 to 200 characters.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Canary { get; init; }

        /// <summary>For <c>injection</c>: the score from which a text is a hit, 0.1 to 1. Default 0.7.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? MinScore { get; init; }

        /// <summary>For <c>guardrail</c>: the external service.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public GuardrailSettings? Guardrail { get; init; }

        /// <summary>True: <c>mask</c> and <c>tokenize</c> also apply to embeddings. Default false: findings in input for
        /// embeddings are only counted, because a search cannot find text that was masked before it was indexed.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? MaskEmbeddings { get; init; }
    }

    /// <summary>The JSON form of <see cref="PolicyRoles"/>.</summary>
    public enum Role
    {
        User,
        Tool,
        Assistant,
        System,
        Definitions,
    }
}
