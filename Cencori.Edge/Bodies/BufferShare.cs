namespace Cencori.Edge.Bodies;

/// <summary>A bound on the body bytes that may be buffered at one time. Thread-safe.</summary>
/// <param name="owner">Name of the owner, as a refused caller reads it.</param>
/// <param name="most">The bound, in bytes.</param>
/// <param name="whole">The parent share: every byte taken here is also taken there. Default null: this share has no parent.</param>
public sealed class BufferShare(string owner, long most, BufferShare? whole = null)
{
    private long _held;

    public long Held => Volatile.Read(ref _held);

    /// <exception cref="OverloadedException">There is no room. Nothing is taken.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > most)
        {
            Interlocked.Add(ref _held, -bytes);
            throw new OverloadedException($"{owner} buffers as many request bytes as it may. Retry in a moment.");
        }

        try
        {
            whole?.Take(bytes);
        }
        catch
        {
            Interlocked.Add(ref _held, -bytes);
            throw;
        }
    }

    public void GiveBack(long bytes)
    {
        Interlocked.Add(ref _held, -bytes);
        whole?.GiveBack(bytes);
    }
}

/// <summary>There is no room for a body at the moment.</summary>
public sealed class OverloadedException(string message) : Exception(message);
