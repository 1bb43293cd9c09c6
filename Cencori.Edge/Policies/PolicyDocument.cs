using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Policies;

/// <summary>A project's policies as people write them and as they are stored: JSON in snake_case, in which an unknown member is an error. What is left out has its default.</summary>
public sealed record PolicyDocument
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>Without rules.</summary>
    public static PolicyDocument None { get; } = new() { Rules = [] };

    /// <summary>At most 100.</summary>
    public required List<Rule> Rules { get; init; }

    /// <summary>What becomes of requests whose content no rule can look at, where some rule masks or blocks: files of batches, WebSockets, bodies that are neither JSON nor forms. Default <c>block</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UnscannedRule? UnscannedEndpoints { get; init; }

    /// <summary>What becomes of parts that are no text: images, sounds, files. Default <c>allow</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UnscannedRule? UnscannableParts { get; init; }

    /// <summary>How a stream ends in which something was found that blocks. Default <c>error</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OutputBlock? OnOutputBlock { get; init; }

    /// <summary>Who is told when something was blocked. Default: nobody.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WebhookSettings? Webhook { get; init; }

    /// <summary>As <see cref="Write"/> has written it.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static PolicyDocument Parse(string json) => JsonSerializer.Deserialize<PolicyDocument>(json, Json) ?? throw new JsonException("It is null.");

    /// <summary>As it is stored.</summary>
    public string Write() => JsonSerializer.Serialize(this, Json);

    /// <summary>The same, with what was left out and decides what becomes of a request.</summary>
    public PolicyDocument Complete() => this with
    {
        Rules = Rules.ConvertAll(static rule => rule with { Id = rule.Id ?? PolicyIds.Of(rule.Name), Action = rule.Action ?? PolicyAction.Monitor, Stage = rule.Stage ?? PolicySet.UsualStage(rule.Kind) }),
        UnscannedEndpoints = UnscannedEndpoints ?? UnscannedRule.Block,
        UnscannableParts = UnscannableParts ?? UnscannedRule.Allow,
        OnOutputBlock = OnOutputBlock ?? OutputBlock.Error,
    };

    /// <summary>The same with other guardrails.</summary>
    internal PolicyDocument WithGuardrails(Func<Rule, GuardrailSettings, GuardrailSettings> change) =>
        this with { Rules = Rules.ConvertAll(rule => rule?.Guardrail is { } guardrail ? rule with { Guardrail = change(rule, guardrail) } : rule!) };

    /// <summary>The same with another webhook, where there is one.</summary>
    internal PolicyDocument WithWebhook(Func<WebhookSettings, WebhookSettings> change) => Webhook is { } webhook ? this with { Webhook = change(webhook) } : this;

    /// <summary>What is looked for, where, and what becomes of it.</summary>
    public sealed record Rule
    {
        /// <summary>1 to 64 letters, digits, <c>-</c> and <c>_</c>, once in a project. Default: made of the name.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Id { get; init; }

        /// <summary>For people; 1 to 100 characters.</summary>
        public required string Name { get; init; }

        public required PolicyKind Kind { get; init; }

        /// <summary>Default <c>monitor</c>: a new rule shows what it would do before it does it.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public PolicyAction? Action { get; init; }

        /// <summary>Default: <c>input</c>; of words and patterns <c>both</c>; of canaries and links <c>output</c>.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public PolicyStage? Stage { get; init; }

        /// <summary>Whose words. Default: <c>user</c>, <c>tool</c> and <c>assistant</c>; what stands in instructions is only counted. Words, patterns and canaries that block: everywhere.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<Role>? Roles { get; init; }

        /// <summary>What is no hit: exact texts without regard to case, or ends of them after a <c>*</c>, such as <c>*@acme.com</c>. At most 200.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Allow { get; init; }

        /// <summary>Of <c>words</c>: 1 to 1,000, of at most 200 characters each.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Words { get; init; }

        /// <summary>Of <c>words</c>: how many different ones within 400 characters are a hit. Default 1.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? Threshold { get; init; }

        /// <summary>Of <c>pattern</c>: a regular expression that .NET's non-backtracking engine takes, of at most 500 characters.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Pattern { get; init; }

        /// <summary>Of <c>pattern</c>: default false.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? IgnoreCase { get; init; }

        /// <summary>Of <c>pattern</c>: characters of the longest text that it finds, which streams are held back by. 1 to 4,096. Default 128.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? MaxMatch { get; init; }

        /// <summary>Of <c>national_id</c>: countries, as two letters.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Regions { get; init; }

        /// <summary>Of <c>phone</c>: the country whose numbers are written without <c>+</c>. Default: none are looked for.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? DefaultRegion { get; init; }

        /// <summary>Of <c>canary</c>: the text, of 8 to 200 characters.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Canary { get; init; }

        /// <summary>Of <c>injection</c>: 0.1 to 1. Default 0.7.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? MinScore { get; init; }

        /// <summary>Of <c>guardrail</c>: the service that is asked.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public GuardrailSettings? Guardrail { get; init; }

        /// <summary>Where <c>mask</c> and <c>tokenize</c> hold for embeddings, too: what is indexed under a mask is not found again. Default false: there they only count.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? MaskEmbeddings { get; init; }
    }

    /// <summary>As <see cref="PolicyRoles"/>.</summary>
    public enum Role
    {
        User,
        Tool,
        Assistant,
        System,
        Definitions,
    }
}
