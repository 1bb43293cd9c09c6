namespace Cencori.Edge.Records;

/// <summary>
/// Calls <see cref="RecordWriter.FlushAsync"/> at most once per second for all readers that poll. So pages may show data that is up to a second old.
/// </summary>
public sealed class ThrottledFlush(RecordWriter writer)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    // Start of the last flush, by the system clock. With a test clock that does not advance, readers would never get a new flush.
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
