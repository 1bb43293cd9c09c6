namespace Cencori.Edge.Records;

/// <summary>
/// Shares <see cref="RecordWriter.FlushAsync"/> between readers that poll: at most one flush a second. So pages may show data that is a second old.
/// </summary>
public sealed class ThrottledFlush(RecordWriter writer)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    // By the system clock, because a reader waits.
    private long _began;
    private Task? _flush;

    public Task EnsureAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_flush is null || (_flush.IsCompleted && TimeProvider.System.GetElapsedTime(_began) >= Interval))
            {
                _began = TimeProvider.System.GetTimestamp();
                _flush = writer.FlushAsync();
            }

            return _flush.WaitAsync(cancellation);
        }
    }
}
