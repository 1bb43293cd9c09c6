namespace Cencori.Edge.Dashboard;

/// <summary>So many pages are made at once: they read through the very connections that requests of callers need.</summary>
internal sealed class PageTurns : IDisposable
{
    private const int AtOnce = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _free = new(AtOnce);

    /// <returns>False: there was none for 2 s. Otherwise it is given back by <see cref="Release"/>.</returns>
    public Task<bool> TakeAsync(CancellationToken aborted) => _free.WaitAsync(Patience, aborted);

    public void Release() => _free.Release();

    public void Dispose() => _free.Dispose();
}

/// <summary>Marks a route whose answer takes as long as whoever reads it, or a provider: it takes no turn of the pages.</summary>
internal sealed class LongAnswer;
