using System.Globalization;

namespace Cencori.Edge.Telemetry;

/// <summary>When a request arrived, and how long the edge has waited for others since: the rest is its own time.</summary>
/// <remarks>Used by one thread at a time, as the request is.</remarks>
public sealed class RequestTiming(HttpContext context, TimeProvider time)
{
    public const string HeaderName = "Server-Timing";

    public HttpContext Context => context;

    /// <summary>Timestamp of the clock.</summary>
    public long ArrivedAt { get; } = time.GetTimestamp();

    /// <summary>For the caller's body so far, in ticks of the clock's timestamps.</summary>
    public long WaitedForCaller { get; private set; }

    /// <summary>Null: no provider has been called.</summary>
    public IProviderWait? Provider { get; set; }

    /// <summary>The edge's own time so far, without its waiting for the caller's body and for the provider's head.</summary>
    public TimeSpan EdgeTime
    {
        get
        {
            var now = time.GetTimestamp();
            return time.GetElapsedTime(ArrivedAt + WaitedForCaller + (Provider?.WaitedUntil(now) ?? 0), now);
        }
    }

    /// <summary>Passes a read of the caller's body on, and keeps its time apart where it is not done at once.</summary>
    public ValueTask<T> Wait<T>(ValueTask<T> reading) => reading.IsCompleted ? reading : WaitAsync(reading);

    public void WriteHeader() =>
        context.Response.Headers[HeaderName] = string.Create(CultureInfo.InvariantCulture, $"edge;dur={EdgeTime.TotalMilliseconds:F3}");

    private async ValueTask<T> WaitAsync<T>(ValueTask<T> reading)
    {
        var started = time.GetTimestamp();
        try
        {
            return await reading;
        }
        finally
        {
            WaitedForCaller += time.GetTimestamp() - started;
        }
    }
}

/// <summary>How long a request has been with its provider.</summary>
public interface IProviderWait
{
    /// <returns>In ticks of the clock's timestamps.</returns>
    long WaitedUntil(long now);
}
