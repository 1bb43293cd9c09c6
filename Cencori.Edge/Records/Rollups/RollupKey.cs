using Cencori.Edge.Storage;

namespace Cencori.Edge.Records.Rollups;

/// <summary>What requests are added up by: a period, a project, an environment, and a pair of texts, which is a provider and a model or a kind of caller and its id.</summary>
/// <param name="Period">In which they began: days, hours or minutes since 1970, UTC.</param>
/// <param name="ProjectId">Whose.</param>
/// <param name="Environment">Of the key.</param>
/// <param name="Kind">The provider, empty where none was chosen; or <see cref="KeyKind"/> or <see cref="AgentKind"/>.</param>
/// <param name="Name">The model as served, empty where nothing was sent; or the id of the key or the agent, empty where it ran as none.</param>
internal readonly record struct RollupKey(long Period, string ProjectId, KeyEnvironment Environment, string Kind, string Name)
{
    /// <summary>The model of all that are too many to be told apart.</summary>
    public const string OtherModels = "_OTHER";

    public const string KeyKind = "key";

    public const string AgentKind = "agent";

    public const int HoursOfDay = 24;

    public static RollupKey OfHour(RequestRecord record) => Of(record, HourOf(record.StartedAt));

    public static RollupKey OfMinute(RequestRecord record) => Of(record, MinuteOf(record.StartedAt));

    public static RollupKey OfCaller(RequestRecord record) => new(HourOf(record.StartedAt), record.ProjectId, record.Environment, KeyKind, record.KeyId);

    public static RollupKey OfAgent(RequestRecord record) => new(HourOf(record.StartedAt), record.ProjectId, record.Environment, AgentKind, record.AgentId ?? "");

    // Of models that callers make up there are only so many; see RollupCache.
    public override int GetHashCode() => HashCode.Combine(Period, TextHash.Of(ProjectId), (int)Environment, TextHash.Of(Kind), TextHash.Of(Name));

    public static long HourOf(DateTimeOffset time) => Since1970(time, TimeSpan.TicksPerHour);

    public static long DayOf(long hour) => hour / HoursOfDay;

    public static long MinuteOf(DateTimeOffset time) => Since1970(time, TimeSpan.TicksPerMinute);

    public static DateTimeOffset StartOf(long hour) => DateTimeOffset.UnixEpoch.AddHours(hour);

    private static RollupKey Of(RequestRecord record, long period) =>
        new(period, record.ProjectId, record.Environment, record.Provider ?? "", RecordText.Keep(record.ModelServed) ?? "");

    private static long Since1970(DateTimeOffset time, long ticks) => time.UtcTicks / ticks - DateTimeOffset.UnixEpoch.Ticks / ticks;
}
