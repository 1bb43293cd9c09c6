using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Dashboard.Logs.Requests;

/// <summary>Everything that the page of one request shows.</summary>
public sealed record RequestModel
{
    public required RequestRecord Record { get; init; }

    /// <summary>The key's name; if the key was deleted, its id.</summary>
    public required string KeyName { get; init; }

    /// <summary>True: the project still has the key, so its name is a link to its page.</summary>
    public required bool HasKey { get; init; }

    /// <summary>True: the project still has the request's agent.</summary>
    public required bool HasAgent { get; init; }

    /// <summary>True: the project still has the request's route.</summary>
    public required bool HasRoute { get; init; }

    /// <summary>The page of the original request, if this is a shadow copy; the page of the shadow copy, if this is an original. Null: there is no copy.</summary>
    public LogAddress? RelatedRequest { get; init; }

    /// <summary>The URL of the list from which the page was opened.</summary>
    public required LogAddress List { get; init; }

    /// <summary>The URL of this page, with the list's filters. The forms of the page are sent to this URL.</summary>
    public required LogAddress Self { get; init; }

    /// <summary>The next older request of the list; null: there is none, or the page was not opened from a list.</summary>
    public LogAddress? Older { get; init; }

    public LogAddress? Newer { get; init; }

    public required PayloadState State { get; init; }

    /// <summary>The payload. Null: the user has not opened it.</summary>
    public Payload? Payload { get; init; }

    /// <summary>True: show JSON indented.</summary>
    public bool IsPretty { get; init; }

    public required string Curl { get; init; }
}
