using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>One request.</summary>
public sealed record RequestModel
{
    public required RequestRecord Record { get; init; }

    /// <summary>The key's name; of a deleted key its id.</summary>
    public required string KeyName { get; init; }

    /// <summary>True: the key has a page.</summary>
    public required bool HasKey { get; init; }

    /// <summary>For a shadow request its original, and for an original its shadow copy. Null: there is none.</summary>
    public LogAddress? Twin { get; init; }

    /// <summary>The URL of the list that it was opened from.</summary>
    public required LogAddress List { get; init; }

    /// <summary>The URL of this page, with the list's filters. Its forms are sent to it.</summary>
    public required LogAddress Self { get; init; }

    /// <summary>The previous request in time; null: there is none, or the page was not opened from a list.</summary>
    public LogAddress? Older { get; init; }

    public LogAddress? Newer { get; init; }

    public required PayloadState State { get; init; }

    /// <summary>Null: the user has not opened it.</summary>
    public Payload? Payload { get; init; }

    /// <summary>True: show JSON indented.</summary>
    public bool IsPretty { get; init; }

    public required string Curl { get; init; }
}
