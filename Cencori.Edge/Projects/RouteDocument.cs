using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Settings;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A model route as JSON in snake_case, in the API and in the database. An unknown member is an error. Absent members take their defaults.</summary>
public sealed partial record RouteDocument
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new SnakeCaseEnums() },
    };

    /// <summary>Rules for some requests. The groups of the first matching rule replace <see cref="Groups"/>. Default: no rules.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<Rule>? When { get; init; }

    /// <summary>Groups for requests that match no rule, in the order in which they are tried.</summary>
    public required List<Group> Groups { get; init; }

    /// <summary>Maximum number of attempts for a request. An attempt that certainly no provider processed does not count. Default 3.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Attempts { get; init; }

    /// <summary>Whether to retry a request after a failure that leaves open whether the provider processed it. Default <c>once</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UncertainRepeat? Uncertain { get; init; }

    /// <summary>Timeout for the first event of a stream if another target can be tried, in seconds. Default 120.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FirstByteSeconds { get; init; }

    /// <summary>Maximum number of seconds that a request waits if all targets are rate limited. Default 0: the request is refused at once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxWaitSeconds { get; init; }

    /// <summary>Which requests the edge sends with the same credential as earlier ones, so that the provider's prompt cache applies.
    /// Default <c>none</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Keeping? Affinity { get; init; }

    /// <summary>What to do if a target reports that a request exceeds the context window of the target's model. Default <c>refuse</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OverflowRule? OnOverflow { get; init; }

    /// <summary>Sends copies of some requests to another target. Callers never receive the responses to copies. Default: no copies.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Copies? Shadow { get; init; }

    /// <summary>Target and limits for copies of requests.</summary>
    public sealed record Copies
    {
        /// <summary><c>provider/model</c>, or <c>provider:model</c>.</summary>
        public required string Model { get; init; }

        /// <summary>Share of the route's requests that are copied, above 0, at most 1. Default 0.05.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public decimal? Share { get; init; }

        /// <summary>Maximum cost of all copies in a calendar month (UTC), in US dollars.</summary>
        public required decimal MonthlyUsd { get; init; }
    }

    /// <summary>Which requests the edge sends with the same credential as earlier ones.</summary>
    public enum Keeping
    {
        None,

        /// <summary>Requests whose prompts begin with the same text.</summary>
        Prompt,
    }

    /// <summary>An ability of a model, besides text, that a request can need.</summary>
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
        /// <summary>The condition that a request must match.</summary>
        public required Condition If { get; init; }

        /// <summary>Groups for the matching requests, in the order in which they are tried.</summary>
        public required List<Group> Groups { get; init; }
    }

    /// <summary>A request matches if it satisfies every member that is set. One matching value of a list is enough, except for <see cref="Has"/>.</summary>
    public sealed record Condition
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Span? InputTokens { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? Stream { get; init; }

        /// <summary>Abilities of a model, such as tools or images. Satisfied if the request needs each of them.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<Ability>? Has { get; init; }

        /// <summary>Request paths such as <c>/chat/completions</c>, with or without <c>/v1</c> before them.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Endpoints { get; init; }

        /// <summary>Ids of API keys.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Keys { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public KeyEnvironment? Environment { get; init; }

        /// <summary>Ids of agents.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Agents { get; init; }

        /// <summary>Values of the member <c>user</c> in the request body.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<string>? Users { get; init; }

        /// <summary>Accepted values of request headers, by header name. The request must have every header. An empty list accepts any value.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Dictionary<string, List<string>>? Headers { get; init; }

        /// <summary>Accepted values in <c>metadata</c>, by member name. The request must have every member. An empty list accepts any value.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Dictionary<string, List<string>>? Metadata { get; init; }
    }

    /// <summary>A range of numbers. Both ends are excluded.</summary>
    public sealed record Span
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Over { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Under { get; init; }
    }

    /// <summary>A set of models that can replace each other.</summary>
    public sealed record Group
    {
        /// <summary>How a target of the group is chosen for a request. Default <c>weighted</c>.</summary>
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

        /// <summary>Share of the group's requests, relative to the other weights. Default 1. 0: the target is used only if no other target of its group is available.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public int? Weight { get; init; }

        /// <summary>Abilities that the model lacks.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public List<Ability>? Without { get; init; }

        /// <summary>Context window in tokens (input and output). Default: unknown.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? ContextTokens { get; init; }
    }
}
