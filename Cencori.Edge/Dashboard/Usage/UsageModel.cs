using Cencori.Edge.Dashboard.Charts;
using Cencori.Edge.Metrics;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>All that the usage page shows.</summary>
public sealed class UsageModel
{
    public required UsageView View { get; init; }

    public required UsageResult Result { get; init; }

    /// <summary>What as long a time before added up to; null: it is not known, or cannot be compared.</summary>
    public PreviousUsage? Before { get; init; }

    public required ChartAxis Axis { get; init; }

    public required IReadOnlyList<Chart> Charts { get; init; }

    public required UsageNames Names { get; init; }

    /// <summary>They add up to the whole.</summary>
    public required IReadOnlyList<UsageRow> Rows { get; init; }

    /// <summary>Ids of providers that there are.</summary>
    public required IReadOnlyList<string> Providers { get; init; }

    /// <summary>Where the requests of the page are, all of them.</summary>
    public required string LogsPath { get; init; }

    /// <summary>Those of them that failed or were refused by limits.</summary>
    public required string ErrorsPath { get; init; }

    /// <summary>Of this page, without its query.</summary>
    public required string Path { get; init; }

    /// <summary>Null: whoever looks may not take it away.</summary>
    public required string? CsvPath { get; init; }

    public string GroupLabel => UsageView.Groups.First(group => group.Group == View.Group).Label;
}
