using System.Text.Json.Serialization;

namespace Cencori.Edge.Policies;

/// <summary>A service that is asked what it thinks of texts.</summary>
public sealed record GuardrailSettings
{
    public required GuardrailType Type { get; init; }

    /// <summary>Where it is: <c>http</c> is asked right there, <c>presidio</c> at <c>/analyze</c> below it, <c>openai_moderation</c> at <c>/moderations</c> below it. Default of the last: the provider <c>openai</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    /// <summary>Of <c>http</c>: what requests are signed with. Of <c>openai_moderation</c> at a <see cref="Url"/>: its key. 16 to 256 visible characters, never told again. Left out: what is stored stays.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    /// <summary>There is a secret. Set to false without one: the stored one goes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HasSecret { get; init; }

    /// <summary>For all texts that it is asked about at a time: 50 to 10,000. Default 1,000.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TimeoutMs { get; init; }

    /// <summary>What becomes of a request or a response that it could not be asked about. Default: <c>block</c>, and <c>allow</c> where the rule only counts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GuardrailFailure? OnFailure { get; init; }

    /// <summary>What counts: categories of <c>openai_moderation</c>, kinds of things (<c>PERSON</c>) of <c>presidio</c>. Default: all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<string>? Categories { get; init; }

    /// <summary>From which score on it counts: 0 to 1. Default of <c>presidio</c>: 0.5; of <c>openai_moderation</c>: what it calls so itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ScoreThreshold { get; init; }

    /// <summary>Of <c>presidio</c>. Default <c>en</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Language { get; init; }
}

/// <summary>How a service is asked.</summary>
public enum GuardrailType
{
    /// <summary>By LiteLLM's generic guardrail API.</summary>
    Http,

    /// <summary>By OpenAI's moderation.</summary>
    OpenaiModeration,

    /// <summary>By Presidio's analyzer.</summary>
    Presidio,
}

/// <summary>What becomes of a request or a response that a service could not be asked about.</summary>
public enum GuardrailFailure
{
    Block,
    Allow,
}
