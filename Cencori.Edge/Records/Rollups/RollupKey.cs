using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Records.Rollups;

/// <summary>Key of a roll-up row: a period, a project, an environment, and either provider and model, or kind and id of a caller.</summary>
/// <param name="Period">The period in which the requests began: days, hours or minutes since 1970, UTC.</param>
/// <param name="ProjectId">Id of the project.</param>
/// <param name="Environment">Environment of the key.</param>
/// <param name="Kind">For models: the provider, empty if none was chosen. For callers: <see cref="KeyKind"/> or <see cref="AgentKind"/>.</param>
/// <param name="Name">For models: the model as served, empty if nothing was sent. For callers: the id of the key or agent, empty for no agent.</param>
internal readonly record struct RollupKey(long Period, string ProjectId, KeyEnvironment Environment, string Kind, string Name)
{
    /// <summary>The model name of a row that counts all models beyond the limit of rows.</summary>
    public const string OtherModels = "_OTHER";

    public const string KeyKind = "key";

    public const string AgentKind = "agent";

    public const int HoursOfDay = 24;

    public static RollupKey OfHour(RequestRecord record) => Of(record, HourOf(record.StartedAt));

    public static RollupKey OfMinute(RequestRecord record) => Of(record, MinuteOf(record.StartedAt));

    public static RollupKey OfCaller(RequestRecord record) => new(HourOf(record.StartedAt), record.ProjectId, record.Environment, KeyKind, record.KeyId);

    public static RollupKey OfAgent(RequestRecord record) => new(HourOf(record.StartedAt), record.ProjectId, record.Environment, AgentKind, record.AgentId ?? "");

    // A weak hash is enough: RollupCache limits how many models callers can invent.
    public override int GetHashCode() => HashCode.Combine(Period, TextHash.Of(ProjectId), (int)Environment, TextHash.Of(Kind), TextHash.Of(Name));

    public static long HourOf(DateTimeOffset time) => Since1970(time, TimeSpan.TicksPerHour);

    public static long DayOf(long hour) => hour / HoursOfDay;

    public static long MinuteOf(DateTimeOffset time) => Since1970(time, TimeSpan.TicksPerMinute);

    public static DateTimeOffset StartOf(long hour) => DateTimeOffset.UnixEpoch.AddHours(hour);

    private static RollupKey Of(RequestRecord record, long period) =>
        new(period, record.ProjectId, record.Environment, record.Provider ?? "", RecordText.Keep(record.ModelServed) ?? "");

    private static long Since1970(DateTimeOffset time, long ticks) => time.UtcTicks / ticks - DateTimeOffset.UnixEpoch.Ticks / ticks;
}
