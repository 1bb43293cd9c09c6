namespace Cencori.Edge.Storage;

/// <summary>Base of the rows with sums over requests. Each edge writes its own rows, so that no edge waits for another. Readers add up the rows.</summary>
public abstract class UsageSumsRecord
{
    public required string ProjectId { get; init; }

    public required KeyEnvironment Environment { get; init; }

    /// <summary>Id of the edge process that wrote the row; see <see cref="UsageWriterRecord"/>. Negative: the row was merged from several edges.</summary>
    public required long WriterId { get; init; }

    /// <summary>Number of requests with any outcome: the sum of the next five members.</summary>
    public long Requests { get; init; }

    public long Success { get; init; }

    public long Errors { get; init; }

    public long Filtered { get; init; }

    public long RateLimited { get; init; }

    public long Cancelled { get; init; }

    public long PromptTokens { get; init; }

    public long CachedTokens { get; init; }

    public long CompletionTokens { get; init; }

    /// <summary>The cost; see <see cref="Storage.Picodollars"/>. Usage without a price counts as 0 here, and is counted in <see cref="Unpriced"/>.</summary>
    public long Picodollars { get; init; }

    /// <summary>Number of requests whose usage has no price.</summary>
    public long Unpriced { get; init; }

    /// <summary>Sum of the durations of the successful requests.</summary>
    public long LatencyMicroseconds { get; init; }

    /// <summary>Histogram of the latencies of the successful requests.</summary>
    public required byte[] Latencies { get; init; }

    /// <summary>Histogram of the times to the first byte of the successful streams. Empty in rows of older edges, which did not measure this time.</summary>
    public required byte[] FirstBytes { get; init; }
}

/// <summary>
/// Sums of one edge for one hour, project, environment, provider and model. Some hours later, the rows of all edges for that hour are merged into one
/// row, which belongs to no edge.
/// </summary>
public sealed class UsageRollupRecord : UsageSumsRecord
{
    /// <summary>The hour in which the requests began: hours since 1970, UTC.</summary>
    public required long Hour { get; init; }

    /// <summary>Id of the provider. Empty: none was chosen.</summary>
    public required string Provider { get; init; }

    /// <summary>The model as it was sent to the provider. Empty: nothing was sent.</summary>
    public required string Model { get; init; }
}

/// <summary>Like <see cref="UsageRollupRecord"/>, but for one minute. Kept for two days.</summary>
public sealed class UsageMinuteRecord : UsageSumsRecord
{
    /// <summary>The minute in which the requests began: minutes since 1970, UTC.</summary>
    public required long Minute { get; init; }

    /// <inheritdoc cref="UsageRollupRecord.Provider"/>
    public required string Provider { get; init; }

    /// <inheritdoc cref="UsageRollupRecord.Model"/>
    public required string Model { get; init; }

    /// <summary>Distinguishes rows of one edge for the same minute: records that arrive late get a new row.</summary>
    public required long Part { get; init; }
}

/// <summary>Like <see cref="UsageRollupRecord"/>, but for one day: the sum of all hours of a finished day.</summary>
public sealed class UsageDayRecord : UsageSumsRecord
{
    /// <summary>The day in which the requests began: days since 1970, UTC.</summary>
    public required long Day { get; init; }

    /// <inheritdoc cref="UsageRollupRecord.Provider"/>
    public required string Provider { get; init; }

    /// <inheritdoc cref="UsageRollupRecord.Model"/>
    public required string Model { get; init; }
}

/// <summary>Like <see cref="CallerRollupRecord"/>, but for one day: the sum of all hours of a finished day.</summary>
public sealed class CallerDayRecord : UsageSumsRecord
{
    /// <inheritdoc cref="UsageDayRecord.Day"/>
    public required long Day { get; init; }

    /// <inheritdoc cref="CallerRollupRecord.Kind"/>
    public required string Kind { get; init; }

    /// <inheritdoc cref="CallerRollupRecord.CallerId"/>
    public required string CallerId { get; init; }
}

/// <summary>Like <see cref="UsageRollupRecord"/>, but by caller: each request counts once for its key, and once for its agent or for no agent.</summary>
public sealed class CallerRollupRecord : UsageSumsRecord
{
    /// <inheritdoc cref="UsageRollupRecord.Hour"/>
    public required long Hour { get; init; }

    /// <summary>Kind of the caller: <c>key</c> or <c>agent</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Id of the key or agent. Empty: no agent.</summary>
    public required string CallerId { get; init; }
}

/// <summary>What a key has spent in one month through one edge. Readers add up the rows of all edges. Used for the monthly budgets of keys.</summary>
public sealed class KeySpendRecord
{
    public required string ProjectId { get; init; }

    public required string KeyId { get; init; }

    /// <summary>The month in which the requests began: months since 1970, UTC.</summary>
    public required int Month { get; init; }

    /// <summary>Id of the edge process that wrote the row; see <see cref="UsageWriterRecord"/>.</summary>
    public required long WriterId { get; init; }

    /// <summary>The spending; see <see cref="Storage.Picodollars"/>.</summary>
    public required long Picodollars { get; init; }
}

/// <summary>A writer: one edge process that writes usage, and its progress.</summary>
public sealed class UsageWriterRecord
{
    public required long Id { get; init; }

    /// <summary>Number of the last stored record. A writer numbers its records, and stores them in that order, each once.</summary>
    public required long Sequence { get; init; }

    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>Number of an hour. Roll-ups of earlier hours may have been merged, and this writer must not change them any more.</summary>
    public long MergedBefore { get; init; }
}

/// <summary>A text shared by many request records, such as the id of a key. Never deleted, because there are few.</summary>
public sealed class RecordTextRecord
{
    /// <summary>Assigned by the database.</summary>
    public int Id { get; init; }

    public required string Text { get; init; }
}
