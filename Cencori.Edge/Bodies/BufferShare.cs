namespace Cencori.Edge.Bodies;

/// <summary>So many bytes of bodies may be held at a time. Safe for use from several threads.</summary>
/// <param name="owner">Whose they are, as a refused caller reads it.</param>
/// <param name="most">The bound.</param>
/// <param name="whole">What is held here is held there as well. Default null: this is the whole.</param>
public sealed class BufferShare(string owner, long most, BufferShare? whole = null)
{
    private long _held;

    public long Held => Volatile.Read(ref _held);

    /// <exception cref="OverloadedException">There is no room; nothing is taken.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > most)
        {
            Interlocked.Add(ref _held, -bytes);
            throw new OverloadedException($"{owner} holds as many bytes of requests as it may. Send this one again in a moment.");
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
