using Cencori.Edge.Storage;

namespace Cencori.Edge.Metrics;

/// <summary>What a project's usage is split by.</summary>
public enum UsageGroup
{
    None,

    /// <summary>As served.</summary>
    Model,
    Provider,

    /// <summary>By id.</summary>
    Key,

    /// <summary>By id.</summary>
    Agent,
    Environment,
}

/// <summary>What is asked about a project's usage. Of several filters a request has to pass all; several texts of one mean any of them, none any at all.</summary>
public sealed record UsageQuery
{
    public required string ProjectId { get; init; }

    /// <summary>The first moment that counts.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The first moment that does not. From now on there is no end.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>
    /// Default <see cref="UsageStep.Hour"/>. Minutes are known of the last two days; who asks for older ones gets hours, as where minutes miss something
    /// that hours have, and for very many hours days.
    /// </summary>
    public UsageStep Step { get; init; } = UsageStep.Hour;

    public UsageGroup Group { get; init; }

    /// <summary>How many groups are told apart, those with the most requests; default 10.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Null: both.</summary>
    public KeyEnvironment? Environment { get; init; }

    /// <summary>As served; an empty text stands for requests that were refused before there was one. In the other lists likewise.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>Ids.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Ids.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];
}
