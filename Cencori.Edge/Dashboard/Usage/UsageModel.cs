using Cencori.Edge.Dashboard.Charts;
using Cencori.Edge.Metrics;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>Everything that the usage page shows.</summary>
public sealed class UsageModel
{
    public required UsageView View { get; init; }

    public required UsageResult Result { get; init; }

    /// <summary>Sums of the equally long period before the shown one; null: unknown or not comparable.</summary>
    public PreviousUsage? Before { get; init; }

    public required ChartAxis Axis { get; init; }

    public required IReadOnlyList<Chart> Charts { get; init; }

    public required UsageNames Names { get; init; }

    /// <summary>The rows of the breakdown, which add up to the total.</summary>
    public required IReadOnlyList<UsageRow> Rows { get; init; }

    /// <summary>Ids of all providers.</summary>
    public required IReadOnlyList<string> Providers { get; init; }

    /// <summary>The URL of the list of all requests that this page counts.</summary>
    public required string LogsPath { get; init; }

    /// <summary>The URL of the list of the requests that failed or were rate limited, of all that this page counts.</summary>
    public required string ErrorsPath { get; init; }

    /// <summary>The URL of this page, without its query.</summary>
    public required string Path { get; init; }

    /// <summary>The URL of the export as CSV. Null: the user may not export.</summary>
    public required string? CsvPath { get; init; }

    public string GroupLabel => UsageView.Groups.First(group => group.Group == View.Group).Label;
}
