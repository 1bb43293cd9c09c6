using Cencori.Edge.Storage;

namespace Cencori.Edge.Records.Rollups;

/// <summary>What requests are added up by; see <see cref="UsageRollupRecord"/>.</summary>
internal readonly record struct RollupKey(long Hour, string ProjectId, KeyEnvironment Environment, string Provider, string Model)
{
    /// <summary>The model of all that are too many to be told apart.</summary>
    public const string OtherModels = "_OTHER";

    public static RollupKey Of(RequestRecord record) =>
        new(HourOf(record.StartedAt), record.ProjectId, record.Environment, record.Provider ?? "", RecordText.Keep(record.ModelServed) ?? "");

    // Of models that callers make up there are only so many; see RollupCache.
    public override int GetHashCode() => HashCode.Combine(Hour, TextHash.Of(ProjectId), (int)Environment, TextHash.Of(Provider), TextHash.Of(Model));

    public static long HourOf(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerHour - DateTimeOffset.UnixEpoch.Ticks / TimeSpan.TicksPerHour;

    public static DateTimeOffset StartOf(long hour) => DateTimeOffset.UnixEpoch.AddHours(hour);
}
