using Cencori.Edge.Storage;

namespace Cencori.Edge.Hosting.Status;

/// <param name="Checks">What <c>/health/ready</c> looks at.</param>
/// <param name="Edges">This one first.</param>
/// <param name="Database">Its kind.</param>
/// <param name="DroppedRecords">Lost by this edge since its start.</param>
/// <param name="AppliedAt">When yarp.json was last read; null: it was not.</param>
/// <param name="RefusedAt">When a change of it was last refused; null: none was.</param>
/// <param name="PricesAsOf">The newest day of which prices.json knows a price; null: it tells none.</param>
/// <param name="Unpriced">Models without a price, of the last day.</param>
/// <param name="MasterKey">For owners.</param>
/// <param name="Settings">For owners.</param>
public sealed record StatusModel(
    IReadOnlyList<CheckView> Checks, IReadOnlyList<EdgeRecord> Edges, string Database, long DroppedRecords, DateTimeOffset? AppliedAt, DateTimeOffset? RefusedAt, DateOnly? PricesAsOf,
    IReadOnlyList<UnpricedView> Unpriced, MasterKeyView? MasterKey, IReadOnlyList<SettingView> Settings)
{
    public Readiness Worst => Checks.Max(check => check.Readiness);
}

/// <param name="Label">What was looked at.</param>
/// <param name="Text">What was found.</param>
/// <param name="Readiness">What that means.</param>
public sealed record CheckView(string Label, string Text, Readiness Readiness);

/// <param name="Provider">As in yarp.json.</param>
/// <param name="Model">As it was sent there.</param>
/// <param name="Requests">Without a cost.</param>
public sealed record UnpricedView(string Provider, string Model, long Requests);

/// <param name="SealsUnder">The id of the key that seals.</param>
/// <param name="Unknown">Ids of keys that something is sealed under, and that this edge does not have.</param>
public sealed record MasterKeyView(string SealsUnder, IReadOnlyList<string> Unknown);
