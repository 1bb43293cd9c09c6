using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A route as people write it and as it is stored: JSON in snake_case, in which an unknown member is an error. What is left out has its default.</summary>
public sealed partial record RouteDocument
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>The first that fits has other groups. Default: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<Rule>? When { get; init; }

    /// <summary>In the order in which they are asked.</summary>
    public required List<Group> Groups { get; init; }

    /// <summary>Attempts that a provider may have worked at. Default 3.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Attempts { get; init; }

    /// <summary>What becomes of a request of which nobody can say whether it was worked on. Default <c>once</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UncertainRepeat? Uncertain { get; init; }

    /// <summary>How long a stream may be silent before its first event. Default 120.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FirstByteSeconds { get; init; }

    /// <summary>How long a request waits where all have said to wait. Default 0: it is refused at once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxWaitSeconds { get; init; }

    /// <summary>What keeps requests at the same credential. Default <c>none</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Keeping? Affinity { get; init; }

    /// <summary>What becomes of a request that a target says is too long for it. Default <c>refuse</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OverflowRule? OnOverflow { get; init; }

    /// <summary>Where copies of a part of the requests go, whose answers nobody gets. Default: nowhere.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Copies? Shadow { get; init; }

    /// <summary>Where copies of requests go.</summary>
    public sealed record Copies
    {
        /// <summary><c>provider/model</c>, or <c>provider:model</c>.</summary>
        public required string Model { get; init; }

        /// <summary>Of the requests, above 0, at most 1. Default 0.05.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public decimal? Share { get; init; }

        /// <summary>What they may cost in a calendar month, UTC, in US dollars.</summary>
        public required decimal MonthlyUsd { get; init; }
    }

    /// <summary>What keeps requests at the same credential.</summary>
    public enum Keeping
    {
        None,

        /// <summary>That they begin alike.</summary>
        Prompt,
    }

    /// <summary>What a request can ask for beside text.</summary>
    public enum Ability
    {
        Tools,
        Images,
        Audio,
        JsonSchema,
    }

    /// <summary>Where some requests go.</summary>
    public sealed record Rule
    {
        /// <summary>Which.</summary>
        public required Condition If { get; init; }

        /// <summary>As <see cref="RouteDocument.Groups"/>.</summary>
        public required List<Group> Groups { get; init; }
    }

    /// <summary>All that is said must be true of a request. Lists are read as "one of these".</summary>
    public sealed record Condition
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Span? InputTokens { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? Stream { get; init; }

        /// <summary>All of these.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<Ability>? Has { get; init; }

        /// <summary>Paths below the base URL; with <c>/v1</c> before them as well.</summary>
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

        /// <summary>By their names. An empty list: whatever is in it.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Dictionary<string, List<string>>? Headers { get; init; }

        /// <summary>Of the body's <c>metadata</c>, likewise.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Dictionary<string, List<string>>? Metadata { get; init; }
    }

    /// <summary>More than one number, fewer than another.</summary>
    public sealed record Span
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Over { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Under { get; init; }
    }

    /// <summary>Models that stand in for each other.</summary>
    public sealed record Group
    {
        /// <summary>Who of them is asked. Default <c>weighted</c>.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public RouteBalance? Balance { get; init; }

        /// <summary>With <c>split</c> only: a target that fails at least twice as often as the one with the largest weight loses its share to that. Default true.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? AutoStop { get; init; }

        public required List<Target> Targets { get; init; }
    }

    /// <summary>A model of a provider.</summary>
    public sealed record Target
    {
        /// <summary><c>provider/model</c>, or <c>provider:model</c>.</summary>
        public required string Model { get; init; }

        /// <summary>Its share. Default 1. 0: it is asked only where no other of its group can be.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? Weight { get; init; }

        /// <summary>What it cannot do.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<Ability>? Without { get; init; }

        /// <summary>Tokens that it reads and writes at most.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? ContextTokens { get; init; }
    }
}
