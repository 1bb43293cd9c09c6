using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Policies;

/// <summary>A project's policies as written and stored: JSON in snake_case. An unknown member is an error. An omitted member has its default.</summary>
public sealed record PolicyDocument
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>A document without rules.</summary>
    public static PolicyDocument None { get; } = new() { Rules = [] };

    /// <summary>At most 100.</summary>
    public required List<Rule> Rules { get; init; }

    /// <summary>What happens to requests whose content rules cannot read, if some rule masks or blocks: batch files, WebSockets,
    /// bodies that are neither JSON nor forms. Default <c>block</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UnscannedRule? UnscannedEndpoints { get; init; }

    /// <summary>What happens to parts that are not text: images, audio, files. Default <c>allow</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UnscannedRule? UnscannableParts { get; init; }

    /// <summary>How a stream ends after a finding that blocks. Default <c>error</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OutputBlock? OnOutputBlock { get; init; }

    /// <summary>The webhook that is called when something was blocked. Default: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WebhookSettings? Webhook { get; init; }

    /// <summary>Parses the output of <see cref="Write"/>.</summary>
    /// <exception cref="JsonException">The text is not a policy document.</exception>
    public static PolicyDocument Parse(string json) => JsonSerializer.Deserialize<PolicyDocument>(json, Json) ?? throw new JsonException("It is null.");

    /// <summary>The stored form.</summary>
    public string Write() => JsonSerializer.Serialize(this, Json);

    /// <summary>A copy with the defaults of omitted members that affect requests filled in.</summary>
    public PolicyDocument Complete() => this with
    {
        Rules = Rules.ConvertAll(static rule => rule with { Id = rule.Id ?? PolicyIds.Of(rule.Name), Action = rule.Action ?? PolicyAction.Monitor, Stage = rule.Stage ?? PolicySet.UsualStage(rule.Kind) }),
        UnscannedEndpoints = UnscannedEndpoints ?? UnscannedRule.Block,
        UnscannableParts = UnscannableParts ?? UnscannedRule.Allow,
        OnOutputBlock = OnOutputBlock ?? OutputBlock.Error,
    };

    /// <summary>A copy with changed guardrails.</summary>
    internal PolicyDocument WithGuardrails(Func<Rule, GuardrailSettings, GuardrailSettings> change) =>
        this with { Rules = Rules.ConvertAll(rule => rule?.Guardrail is { } guardrail ? rule with { Guardrail = change(rule, guardrail) } : rule!) };

    /// <summary>A copy with a changed webhook, if there is one.</summary>
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

        /// <summary>Default <c>monitor</c>: a new rule first shows what it would do.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public PolicyAction? Action { get; init; }

        /// <summary>Default: <c>input</c>; for words and patterns <c>both</c>; for canaries and links <c>output</c>.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public PolicyStage? Stage { get; init; }

        /// <summary>Roles whose texts the action applies to. Default: <c>user</c>, <c>tool</c> and <c>assistant</c>; findings in instructions are only counted.
        /// Words, patterns and canaries that block: all roles.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<Role>? Roles { get; init; }

        /// <summary>Exceptions that are not hits: exact texts in any case, or endings after a <c>*</c>, such as <c>*@acme.com</c>. At most 200.</summary>
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

        /// <summary>For <c>pattern</c>. Default false.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? IgnoreCase { get; init; }

        /// <summary>For <c>pattern</c>: longest match in characters, which is also how far streams are held back. 1 to 4,096. Default 128.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? MaxMatch { get; init; }

        /// <summary>For <c>national_id</c>: countries as two-letter codes.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Regions { get; init; }

        /// <summary>For <c>phone</c>: the country of numbers without <c>+</c>. Default: such numbers are not found.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? DefaultRegion { get; init; }

        /// <summary>For <c>canary</c>: the text, 8 to 200 characters.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Canary { get; init; }

        /// <summary>For <c>injection</c>: 0.1 to 1. Default 0.7.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? MinScore { get; init; }

        /// <summary>For <c>guardrail</c>: the external service.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public GuardrailSettings? Guardrail { get; init; }

        /// <summary>True: <c>mask</c> and <c>tokenize</c> also apply to embeddings. Default false: they only count there,
        /// because text indexed under a mask cannot be found again.</summary>
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
