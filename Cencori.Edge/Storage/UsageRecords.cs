namespace Cencori.Edge.Storage;

/// <summary>What requests add up to. Edges share no row, so none waits for another; whoever reads adds their rows up.</summary>
public abstract class UsageSumsRecord
{
    public required string ProjectId { get; init; }

    public required KeyEnvironment Environment { get; init; }

    /// <summary>Which edge; see <see cref="UsageWriterRecord"/>. Negative: rows of several have been merged into this one.</summary>
    public required long WriterId { get; init; }

    /// <summary>All requests, however they ended: the sum of the five below.</summary>
    public long Requests { get; init; }

    public long Success { get; init; }

    public long Errors { get; init; }

    public long Filtered { get; init; }

    public long RateLimited { get; init; }

    public long Cancelled { get; init; }

    public long PromptTokens { get; init; }

    public long CachedTokens { get; init; }

    public long CompletionTokens { get; init; }

    /// <summary>See <see cref="Storage.Picodollars"/>. What has no price counts as nothing here, and in <see cref="Unpriced"/>.</summary>
    public long Picodollars { get; init; }

    /// <summary>Requests that used something for which there is no price.</summary>
    public long Unpriced { get; init; }

    /// <summary>Sum over the successful requests.</summary>
    public long LatencyMicroseconds { get; init; }

    /// <summary>Histogram of the latencies of the successful requests.</summary>
    public required byte[] Latencies { get; init; }

    /// <summary>Histogram of the times to the first byte of the successful streams; empty of what an edge counted that did not know it yet.</summary>
    public required byte[] FirstBytes { get; init; }
}

/// <summary>
/// What one edge has seen of one hour, project, environment, provider and model. When an hour is long over, the rows of all edges become
/// one that is nobody's.
/// </summary>
public sealed class UsageRollupRecord : UsageSumsRecord
{
    /// <summary>In which the requests began: hours since 1970, UTC.</summary>
    public required long Hour { get; init; }

    /// <summary>Empty: none was chosen.</summary>
    public required string Provider { get; init; }

    /// <summary>As it was sent to the provider; empty: nothing was sent.</summary>
    public required string Model { get; init; }
}

/// <summary>As <see cref="UsageRollupRecord"/>, of one minute. Kept for two days.</summary>
public sealed class UsageMinuteRecord : UsageSumsRecord
{
    /// <summary>In which the requests began: minutes since 1970, UTC.</summary>
    public required long Minute { get; init; }

    /// <inheritdoc cref="UsageRollupRecord.Provider"/>
    public required string Provider { get; init; }

    /// <inheritdoc cref="UsageRollupRecord.Model"/>
    public required string Model { get; init; }

    /// <summary>Tells rows apart that an edge has of one minute: what comes late gets one of its own.</summary>
    public required long Part { get; init; }
}

/// <summary>As <see cref="UsageRollupRecord"/>, of a day that is over: what all its hours add up to.</summary>
public sealed class UsageDayRecord : UsageSumsRecord
{
    /// <summary>In which the requests began: days since 1970, UTC.</summary>
    public required long Day { get; init; }

    /// <inheritdoc cref="UsageRollupRecord.Provider"/>
    public required string Provider { get; init; }

    /// <inheritdoc cref="UsageRollupRecord.Model"/>
    public required string Model { get; init; }
}

/// <summary>As <see cref="CallerRollupRecord"/>, likewise.</summary>
public sealed class CallerDayRecord : UsageSumsRecord
{
    /// <inheritdoc cref="UsageDayRecord.Day"/>
    public required long Day { get; init; }

    /// <inheritdoc cref="CallerRollupRecord.Kind"/>
    public required string Kind { get; init; }

    /// <inheritdoc cref="CallerRollupRecord.CallerId"/>
    public required string CallerId { get; init; }
}

/// <summary>As <see cref="UsageRollupRecord"/>, by who called: each request counts for its key, and once more for the agent that it ran as, or for none.</summary>
public sealed class CallerRollupRecord : UsageSumsRecord
{
    /// <inheritdoc cref="UsageRollupRecord.Hour"/>
    public required long Hour { get; init; }

    /// <summary><c>key</c> or <c>agent</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Id of the key or of the agent; empty: it ran as none.</summary>
    public required string CallerId { get; init; }
}

/// <summary>What one edge has seen a key spend in one month; whoever reads adds up the rows of all. Kept for the budgets of keys, of this month.</summary>
public sealed class KeySpendRecord
{
    public required string ProjectId { get; init; }

    public required string KeyId { get; init; }

    /// <summary>In which the requests began: months since 1970, UTC.</summary>
    public required int Month { get; init; }

    /// <summary>Which edge; see <see cref="UsageWriterRecord"/>.</summary>
    public required long WriterId { get; init; }

    /// <summary>See <see cref="Storage.Picodollars"/>.</summary>
    public required long Picodollars { get; init; }
}

/// <summary>One run of an edge's process that has written usage, and how far it has come.</summary>
public sealed class UsageWriterRecord
{
    public required long Id { get; init; }

    /// <summary>Of the last record that is stored. Records are stored in the order of their numbers, each once.</summary>
    public required long Sequence { get; init; }

    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>The hour from which on its roll-ups are still its own: those of hours before may have been merged, and are then no longer there.</summary>
    public long MergedBefore { get; init; }
}

/// <summary>A text that many request records have in common, such as the id of their key. It stays when the last of them goes: there are few.</summary>
public sealed class RecordTextRecord
{
    /// <summary>A number that the database gives.</summary>
    public int Id { get; init; }

    public required string Text { get; init; }
}
