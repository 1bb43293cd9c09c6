namespace Cencori.Edge.Dashboard;

/// <summary>
/// Limits how many pages are rendered at once, because pages use the same database connections as requests of callers. A request must get a turn before it renders. A lower limit per
/// person keeps one person from blocking the others. Code must not wait for people or other servers while it holds a turn.
/// </summary>
internal sealed class PageTurns : IDisposable
{
    public const int MaxConcurrent = 16;

    /// <summary>Maximum turns of one person at once; for callers who are not signed in, of one IP address.</summary>
    public const int MaxConcurrentPerPerson = 4;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Own> _own = [];
    private readonly SemaphoreSlim _free = new(MaxConcurrent);
    private readonly SemaphoreSlim _sessionReads = new(MaxConcurrent);

    /// <param name="who">A person or an IP address.</param>
    /// <param name="aborted">Cancels the wait.</param>
    /// <returns>Null: no turn of the person was free within 2 s, or no shared turn within another 2 s. Dispose the result to give the turn back.</returns>
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

    /// <summary>Takes only one of the person's turns, not one of the shared turns.</summary>
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
                RemoveUser(who, own);
            }
        }

        return !isTaken ? null : new(() =>
        {
            own.Free.Release();
            RemoveUser(who, own);
        });
    }

    /// <summary>Takes a turn for reading the session, before the person is known. Null: no turn was free in time.</summary>
    public async Task<PageTurn?> TakeSessionReadAsync(CancellationToken aborted) =>
        await _sessionReads.WaitAsync(Timeout, aborted) ? new(() => _sessionReads.Release()) : null;

    public void Dispose()
    {
        _free.Dispose();
        _sessionReads.Dispose();
    }

    private void RemoveUser(string who, Own own)
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
        public SemaphoreSlim Free { get; } = new(MaxConcurrentPerPerson);

        /// <summary>Number of requests that hold or wait for a turn of this person.</summary>
        public int Users { get; set; }
    }
}

/// <summary>A turn that a request holds until it is disposed.</summary>
internal sealed class PageTurn(Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>Gives the turn back; later calls do nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}

/// <summary>Marks a route whose response may take long, because the browser or another server is slow. Such a route responds without a turn.</summary>
internal sealed class LongResponseMetadata;
