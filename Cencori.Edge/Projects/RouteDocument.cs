using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A route in its written and stored form: JSON in snake_case. An unknown member is an error. Absent members take their defaults.</summary>
public sealed partial record RouteDocument
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>The first matching rule replaces the groups. Default: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<Rule>? When { get; init; }

    /// <summary>In order of use.</summary>
    public required List<Group> Groups { get; init; }

    /// <summary>Most attempts that a provider may have processed. Default 3.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Attempts { get; init; }

    /// <summary>Whether to retry a request that a provider may have processed. Default <c>once</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UncertainRepeat? Uncertain { get; init; }

    /// <summary>Timeout for the first event of a stream, in seconds. Default 120.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FirstByteSeconds { get; init; }

    /// <summary>Most seconds that a request waits if all targets have asked to wait. Default 0: it is refused at once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxWaitSeconds { get; init; }

    /// <summary>What keeps requests at the same credential. Default <c>none</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Keeping? Affinity { get; init; }

    /// <summary>What to do if a target reports that a request is too long. Default <c>refuse</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OverflowRule? OnOverflow { get; init; }

    /// <summary>Target for copies of a share of the requests. Nobody receives the responses to copies. Default: no copies.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Copies? Shadow { get; init; }

    /// <summary>Target and limits for copies of requests.</summary>
    public sealed record Copies
    {
        /// <summary><c>provider/model</c>, or <c>provider:model</c>.</summary>
        public required string Model { get; init; }

        /// <summary>Share of the requests, above 0, at most 1. Default 0.05.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public decimal? Share { get; init; }

        /// <summary>Most cost of the copies in a calendar month (UTC), in US dollars.</summary>
        public required decimal MonthlyUsd { get; init; }
    }

    /// <summary>What keeps requests at the same credential.</summary>
    public enum Keeping
    {
        None,

        /// <summary>The same beginning of the prompt.</summary>
        Prompt,
    }

    /// <summary>What a request can need besides text.</summary>
    public enum Ability
    {
        Tools,
        Images,
        Audio,
        JsonSchema,
    }

    /// <summary>Groups for requests that match a condition.</summary>
    public sealed record Rule
    {
        /// <summary>The condition.</summary>
        public required Condition If { get; init; }

        /// <summary>As <see cref="RouteDocument.Groups"/>.</summary>
        public required List<Group> Groups { get; init; }
    }

    /// <summary>A request must satisfy all members that are set. Lists mean "one of these".</summary>
    public sealed record Condition
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Span? InputTokens { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? Stream { get; init; }

        /// <summary>All of these abilities.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<Ability>? Has { get; init; }

        /// <summary>Paths below the base URL, with or without <c>/v1</c>.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Endpoints { get; init; }

        /// <summary>Ids.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Keys { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public KeyEnvironment? Environment { get; init; }

        /// <summary>Ids.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Agents { get; init; }

        /// <summary>The body's <c>user</c>.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Users { get; init; }

        /// <summary>Accepted values by header name. An empty list: any value.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Dictionary<string, List<string>>? Headers { get; init; }

        /// <summary>Accepted values by name in the body's <c>metadata</c>. An empty list: any value.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Dictionary<string, List<string>>? Metadata { get; init; }
    }

    /// <summary>A range, without its ends.</summary>
    public sealed record Span
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Over { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Under { get; init; }
    }

    /// <summary>Models that can replace each other.</summary>
    public sealed record Group
    {
        /// <summary>How a target is chosen. Default <c>weighted</c>.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public RouteBalance? Balance { get; init; }

        /// <summary>For <c>split</c> only: a target that fails at least twice as often as the target with the largest weight loses its share to that target. Default true.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? AutoStop { get; init; }

        public required List<Target> Targets { get; init; }
    }

    /// <summary>A model of a provider.</summary>
    public sealed record Target
    {
        /// <summary><c>provider/model</c>, or <c>provider:model</c>.</summary>
        public required string Model { get; init; }

        /// <summary>Share of the requests. Default 1. 0: used only if no other target of its group is available.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? Weight { get; init; }

        /// <summary>Abilities that the model lacks.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<Ability>? Without { get; init; }

        /// <summary>Context window in tokens (input and output).</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? ContextTokens { get; init; }
    }
}
