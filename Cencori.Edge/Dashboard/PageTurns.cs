namespace Cencori.Edge.Dashboard;

/// <summary>
/// So many pages are made at once, because they read through the very connections that requests of callers need; and fewer for one person, who would
/// else keep the others out. Nothing that waits for people or for other servers is done within a turn.
/// </summary>
internal sealed class PageTurns : IDisposable
{
    public const int AtOnce = 16;

    /// <summary>For one person; of strangers, for one address.</summary>
    public const int AtOnceOfOne = 4;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Own> _own = [];
    private readonly SemaphoreSlim _free = new(AtOnce);
    private readonly SemaphoreSlim _looks = new(AtOnce);

    /// <param name="who">One person, or one address.</param>
    /// <param name="aborted">Ends the wait.</param>
    /// <returns>Null: there was none for 2 s. Otherwise it is given back by disposing of it.</returns>
    public async Task<PageTurn?> TakeAsync(string who, CancellationToken aborted)
    {
        if (await TakeOwnAsync(who, aborted) is not { } own)
        {
            return null;
        }

        var isTaken = false;
        try
        {
            isTaken = await _free.WaitAsync(Timeout, aborted);
        }
        finally
        {
            if (!isTaken)
            {
                own.Dispose();
            }
        }

        return !isTaken ? null : new(() =>
        {
            _free.Release();
            own.Dispose();
        });
    }

    /// <summary>Likewise for what takes no turn of the others, and is bounded for each person all the same.</summary>
    public async Task<PageTurn?> TakeOwnAsync(string who, CancellationToken aborted)
    {
        Own own;
        lock (_lock)
        {
            own = _own.TryGetValue(who, out var known) ? known : _own[who] = new();
            own.Users++;
        }

        var isTaken = false;
        try
        {
            isTaken = await own.Free.WaitAsync(Timeout, aborted);
        }
        finally
        {
            if (!isTaken)
            {
                Go(who, own);
            }
        }

        return !isTaken ? null : new(() =>
        {
            own.Free.Release();
            Go(who, own);
        });
    }

    /// <summary>For finding out who it is.</summary>
    public async Task<PageTurn?> TakeLookAsync(CancellationToken aborted) =>
        await _looks.WaitAsync(Timeout, aborted) ? new(() => _looks.Release()) : null;

    public void Dispose()
    {
        _free.Dispose();
        _looks.Dispose();
    }

    private void Go(string who, Own own)
    {
        lock (_lock)
        {
            if (--own.Users == 0)
            {
                _own.Remove(who);
            }
        }
    }

    private sealed class Own
    {
        public SemaphoreSlim Free { get; } = new(AtOnceOfOne);

        /// <summary>Whoever has one of its turns, or waits for one.</summary>
        public int Users { get; set; }
    }
}

/// <summary>A turn that was taken.</summary>
internal sealed class PageTurn(Action giveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    /// <summary>Gives it back, once.</summary>
    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}

/// <summary>Marks a route whose response takes as long as whoever reads it, or another server: it takes no turn of the pages.</summary>
internal sealed class LongResponseMetadata;
