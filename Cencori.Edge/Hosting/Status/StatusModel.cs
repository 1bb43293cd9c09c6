using Cencori.Edge.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cencori.Edge.Hosting.Status;

/// <param name="Checks">The findings of <c>/health/ready</c>.</param>
/// <param name="Edges">All edges, this one first.</param>
/// <param name="Database">The database system's name.</param>
/// <param name="DroppedRecords">Number of request records that this edge has lost since its start.</param>
/// <param name="AppliedAt">When yarp.json was last read; null: not since the start.</param>
/// <param name="RefusedAt">When a change of yarp.json was last refused; null: not since the start.</param>
/// <param name="PricesAsOf">The newest date of a price in prices.json; null: no price has a date.</param>
/// <param name="Unpriced">Models without a price that were used in the last day.</param>
/// <param name="MasterKey">The state of the master key; null: the viewer is not an owner.</param>
/// <param name="Settings">The settings of this edge; empty: the viewer is not an owner.</param>
public sealed record StatusModel(
    IReadOnlyList<CheckView> Checks, IReadOnlyList<EdgeRecord> Edges, string Database, long DroppedRecords, DateTimeOffset? AppliedAt, DateTimeOffset? RefusedAt, DateOnly? PricesAsOf,
    IReadOnlyList<UnpricedView> Unpriced, MasterKeyView? MasterKey, IReadOnlyList<SettingView> Settings)
{
    // The worst status has the lowest number.
    public HealthStatus Worst => Checks.Min(check => check.Status);
}

/// <param name="Label">The name of the check.</param>
/// <param name="Text">The finding as a sentence.</param>
/// <param name="Status">What the finding means for the whole edge.</param>
public sealed record CheckView(string Label, string Text, HealthStatus Status);

/// <param name="Provider">The provider's name in yarp.json.</param>
/// <param name="Model">The model's name as sent to the provider.</param>
/// <param name="Requests">Number of requests with unknown cost.</param>
public sealed record UnpricedView(string Provider, string Model, long Requests);

/// <param name="SealsUnder">The id of the master key that seals new secrets.</param>
/// <param name="Unknown">Ids of master keys that sealed a stored secret but that this edge does not have.</param>
public sealed record MasterKeyView(string SealsUnder, IReadOnlyList<string> Unknown);
