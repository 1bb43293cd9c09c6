namespace Cencori.Edge.Bodies.Buffers;

/// <summary>A bound on the body bytes that may be buffered at one time. Thread-safe.</summary>
/// <param name="owner">Who uses this share, such as "This project". The error for a refused caller begins with this name.</param>
/// <param name="max">The bound, in bytes.</param>
/// <param name="parent">The parent share. Bytes taken from this share are also taken from its parent. Default null: this share has no parent.</param>
public sealed class BufferShare(string owner, long max, BufferShare? parent = null)
{
    private long _held;

    public long Held => Volatile.Read(ref _held);

    /// <exception cref="OverloadedException">The share, or a parent, has no room for the bytes. Nothing is taken.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > max)
        {
            Interlocked.Add(ref _held, -bytes);
            throw new OverloadedException($"{owner} has reached its limit of buffered request bytes. Retry in a moment.");
        }

        try
        {
            parent?.Take(bytes);
        }
        catch
        {
            Interlocked.Add(ref _held, -bytes);
            throw;
        }
    }

    public void Release(long bytes)
    {
        Interlocked.Add(ref _held, -bytes);
        parent?.Release(bytes);
    }
}

/// <summary>A share has no room for the body at the moment.</summary>
public sealed class OverloadedException(string message) : Exception(message);
