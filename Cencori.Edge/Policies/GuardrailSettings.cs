using System.Text.Json.Serialization;

namespace Cencori.Edge.Policies;

/// <summary>Settings of an external service that checks texts.</summary>
public sealed record GuardrailSettings
{
    public required GuardrailType Type { get; init; }

    /// <summary>URL of the service. <c>http</c> is called at this URL, <c>presidio</c> at <c>/analyze</c> below it, <c>openai_moderation</c> at <c>/moderations</c> below
    /// it. Only <c>openai_moderation</c> has a default: the provider <c>openai</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    /// <summary>For <c>http</c>: the key that signs requests. For <c>openai_moderation</c> with a <see cref="Url"/>: the API key of the service. 16 to 256 visible characters,
    /// never returned. Omitted: the stored secret stays.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    /// <summary>True when a secret is stored. To remove the stored secret, send false and no secret.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HasSecret { get; init; }

    /// <summary>Timeout in milliseconds for all texts of one check: 50 to 10,000. Default 1,000.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TimeoutMs { get; init; }

    /// <summary>What happens to a request or response when the check fails. Default: <c>block</c>, but <c>allow</c> if the rule only monitors.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GuardrailFailure? OnFailure { get; init; }

    /// <summary>What counts as a hit: categories of <c>openai_moderation</c>, entity types (<c>PERSON</c>) of <c>presidio</c>. Default: all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<string>? Categories { get; init; }

    /// <summary>Lowest score that counts as a hit: 0 to 1. Default for <c>presidio</c>: 0.5; for <c>openai_moderation</c>: the service's own decision.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ScoreThreshold { get; init; }

    /// <summary>For <c>presidio</c>: the language of the texts. Default <c>en</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Language { get; init; }
}

/// <summary>The protocol of the service.</summary>
public enum GuardrailType
{
    /// <summary>LiteLLM's generic guardrail API.</summary>
    Http,

    /// <summary>OpenAI's moderation API.</summary>
    OpenaiModeration,

    /// <summary>Presidio's analyzer.</summary>
    Presidio,
}

/// <summary>What happens to a request or response when the check fails.</summary>
public enum GuardrailFailure
{
    Block,
    Allow,
}
