namespace Cencori.Edge.Records;

/// <summary>
/// <see cref="RecordWriter.FlushAsync"/> for those who look again and again: at most one a second is forced, whoever asks. So what a page
/// shows may be a second old.
/// </summary>
public sealed class ThrottledFlush(RecordWriter writer)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    // Of real time, whatever the clock of the edge: somebody is waiting.
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
