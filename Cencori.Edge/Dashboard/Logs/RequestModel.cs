using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>One request.</summary>
public sealed record RequestModel
{
    public required RequestRecord Record { get; init; }

    /// <summary>The name of its key; of one that is gone its id.</summary>
    public required string KeyName { get; init; }

    /// <summary>Its key can be looked at.</summary>
    public required bool HasKey { get; init; }

    /// <summary>The request that it is a copy of, or the copy of it that another model has answered. Null: there is none.</summary>
    public LogAddress? Twin { get; init; }

    /// <summary>Of the list that it was opened from.</summary>
    public required LogAddress List { get; init; }

    /// <summary>Of the page itself, to which its forms are sent; with the filters of the list.</summary>
    public required LogAddress Self { get; init; }

    /// <summary>The request before it in time; null: there is none, or it was opened from no list.</summary>
    public LogAddress? Older { get; init; }

    public LogAddress? Newer { get; init; }

    public required PayloadState State { get; init; }

    /// <summary>Null: nobody has asked for it.</summary>
    public Payload? Payload { get; init; }

    /// <summary>Shown indented, where that is possible.</summary>
    public bool IsPretty { get; init; }

    public required string Curl { get; init; }
}
