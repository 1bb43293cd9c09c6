using System.Text.Json;

namespace Cencori.Edge.Storage.Requests;

/// <summary>
/// The columns of <c>request_records</c>, in the order in which the API returns them. The table, its rows in both database systems, the frames of the spool
/// (files with records that are not in the database yet), and a record in the administration API all follow this list. A new member of
/// <see cref="RequestRecord"/> needs a line here with a tag that was never used, and a migration.
/// </summary>
/// <remarks>If an older edge wrote a frame, members that are missing in it become null, 0, false or an empty text.</remarks>
public static class RecordColumns
{
    /// <summary>Name of the column with the row's number, which the database assigns. Not a member of <see cref="RequestRecord"/>.</summary>
    public const string Id = "Id";

    public static IReadOnlyList<RecordColumn> All => Columns;

    // This is an array, because the edge iterates over it for every record.
    internal static readonly RecordColumn[] Columns =
    [
        Required(1, nameof(RequestRecord.RequestId), RecordKind.RequestId, static record => record.RequestId, static (record, value) => record.RequestId = value.Text ?? ""),
        Required(2, nameof(RequestRecord.StartedAt), RecordKind.Time, static record => record.StartedAt.ToUnixTimeMilliseconds(), static (record, value) => record.StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(value.Number)),
        Required(3, nameof(RequestRecord.ProjectId), RecordKind.Name, static record => record.ProjectId, static (record, value) => record.ProjectId = value.Text ?? ""),
        Required(4, nameof(RequestRecord.KeyId), RecordKind.Name, static record => record.KeyId, static (record, value) => record.KeyId = value.Text ?? ""),
        Choice<KeyEnvironment>(5, nameof(RequestRecord.Environment), static record => (int)record.Environment, static (record, value) => record.Environment = (KeyEnvironment)value.Number),
        Required(6, nameof(RequestRecord.Endpoint), RecordKind.Name, static record => record.Endpoint, static (record, value) => record.Endpoint = value.Text ?? ""),
        Optional(7, nameof(RequestRecord.ModelAsked), RecordKind.Text, static record => record.ModelAsked, static (record, value) => record.ModelAsked = value.Text),
        Optional(8, nameof(RequestRecord.ModelServed), RecordKind.Text, static record => record.ModelServed, static (record, value) => record.ModelServed = value.Text),
        Optional(9, nameof(RequestRecord.Provider), RecordKind.Name, static record => record.Provider, static (record, value) => record.Provider = value.Text),
        Optional(10, nameof(RequestRecord.CredentialHint), RecordKind.Name, static record => record.CredentialHint, static (record, value) => record.CredentialHint = value.Text),
        Required(11, nameof(RequestRecord.IsStream), RecordKind.Flag, static record => record.IsStream, static (record, value) => record.IsStream = value.Number != 0),
        Required(12, nameof(RequestRecord.Status), RecordKind.Small, static record => record.Status, static (record, value) => record.Status = (int)value.Number),
        Choice<RequestOutcome>(13, nameof(RequestRecord.Outcome), static record => (int)record.Outcome, static (record, value) => record.Outcome = (RequestOutcome)value.Number),
        Optional(14, nameof(RequestRecord.ErrorCode), RecordKind.Name, static record => record.ErrorCode, static (record, value) => record.ErrorCode = value.Text),
        Optional(28, nameof(RequestRecord.Reason), RecordKind.Name, static record => record.Reason, static (record, value) => record.Reason = value.Text),
        Optional(29, nameof(RequestRecord.Param), RecordKind.Text, static record => record.Param, static (record, value) => record.Param = value.Text),
        Optional(30, nameof(RequestRecord.Message), RecordKind.Text, static record => record.Message, static (record, value) => record.Message = value.Text),
        Optional(31, nameof(RequestRecord.ProviderRequestId), RecordKind.Text, static record => record.ProviderRequestId, static (record, value) => record.ProviderRequestId = value.Text),
        Required(15, nameof(RequestRecord.PromptTokens), RecordKind.Count, static record => record.PromptTokens, static (record, value) => record.PromptTokens = value.Number),
        Required(16, nameof(RequestRecord.CachedTokens), RecordKind.Count, static record => record.CachedTokens, static (record, value) => record.CachedTokens = value.Number),
        Required(17, nameof(RequestRecord.CompletionTokens), RecordKind.Count, static record => record.CompletionTokens, static (record, value) => record.CompletionTokens = value.Number),
        Required(18, nameof(RequestRecord.IsEstimated), RecordKind.Flag, static record => record.IsEstimated, static (record, value) => record.IsEstimated = value.Number != 0),
        new(19, nameof(RequestRecord.CostUsd), RecordKind.Money, isNullable: true, static record => record.Picodollars, static (record, value) => record.Picodollars = value.OptionalNumber) { Name = nameof(RequestRecord.Picodollars) },
        Optional(20, nameof(RequestRecord.FirstByteMicroseconds), RecordKind.Number, static record => record.FirstByteMicroseconds, static (record, value) => record.FirstByteMicroseconds = value.OptionalNumber),
        Required(21, nameof(RequestRecord.DurationMicroseconds), RecordKind.Number, static record => record.DurationMicroseconds, static (record, value) => record.DurationMicroseconds = value.Number),
        Required(22, nameof(RequestRecord.EdgeMicroseconds), RecordKind.Count, static record => record.EdgeMicroseconds, static (record, value) => record.EdgeMicroseconds = value.Number),
        Required(23, nameof(RequestRecord.Retries), RecordKind.Small, static record => record.Retries, static (record, value) => record.Retries = (int)value.Number),
        Optional(24, nameof(RequestRecord.Attempts), RecordKind.Json, static record => RequestAttempt.Write(record.Attempts), static (record, value) => record.Attempts = RequestAttempt.Read(value.Text)),
        Optional(25, nameof(RequestRecord.ClientAddress), RecordKind.Text, static record => record.ClientAddress, static (record, value) => record.ClientAddress = value.Text),
        Optional(26, nameof(RequestRecord.App), RecordKind.Text, static record => record.App, static (record, value) => record.App = value.Text),
        Optional(32, nameof(RequestRecord.AgentId), RecordKind.Name, static record => record.AgentId, static (record, value) => record.AgentId = value.Text),
        Optional(33, nameof(RequestRecord.Prompt), RecordKind.Name, static record => record.Prompt, static (record, value) => record.Prompt = value.Text),
        Optional(34, nameof(RequestRecord.PromptVersion), RecordKind.Count, static record => record.PromptVersion, static (record, value) => record.PromptVersion = value.OptionalNumber),
        Optional(35, nameof(RequestRecord.Route), RecordKind.Name, static record => record.Route, static (record, value) => record.Route = value.Text),
        Optional(36, nameof(RequestRecord.Fallback), RecordKind.Name, static record => record.Fallback, static (record, value) => record.Fallback = value.Text),
        Optional(38, nameof(RequestRecord.Affinity), RecordKind.Name, static record => record.Affinity, static (record, value) => record.Affinity = value.Text),
        Optional(39, nameof(RequestRecord.Policy), RecordKind.Json, static record => RequestPolicy.Write(record.Policy), static (record, value) => record.Policy = RequestPolicy.Read(value.Text)),
        Choice<CostSource>(27, nameof(RequestRecord.CostSource), static record => (int)record.CostSource, static (record, value) => record.CostSource = (CostSource)value.Number),
    ];

    private static RecordColumn Required(int tag, string name, RecordKind kind, Func<RequestRecord, RecordValue> get, Action<RequestRecord, RecordValue> set) =>
        new(tag, name, kind, isNullable: false, get, set);

    private static RecordColumn Optional(int tag, string name, RecordKind kind, Func<RequestRecord, RecordValue> get, Action<RequestRecord, RecordValue> set) =>
        new(tag, name, kind, isNullable: true, get, set);

    private static RecordColumn Choice<T>(int tag, string name, Func<RequestRecord, RecordValue> get, Action<RequestRecord, RecordValue> set)
        where T : struct, Enum =>
        new(tag, name, RecordKind.Choice, isNullable: false, get, set) { Words = [.. Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)] };
}
