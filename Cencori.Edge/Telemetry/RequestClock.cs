namespace Cencori.Edge.Telemetry;

/// <summary>Records when a request arrived, and how long the edge has waited since then for the caller, targets (models at providers), guardrails and memory
/// searches.</summary>
/// <remarks>Not thread-safe: one thread handles a request at a time.</remarks>
public sealed class RequestClock(TimeProvider time)
{
    public TimeProvider Time => time;

    /// <summary>When the request arrived, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long ArrivedAt { get; } = time.GetTimestamp();

    /// <summary>Time waited for the caller's body so far, in ticks of the clock's timestamps.</summary>
    public long WaitedForCaller { get; private set; }

    /// <summary>Time waited until a target (a model at a provider) was available, in ticks of the clock's timestamps.</summary>
    public long WaitedForTargets { get; private set; }

    /// <summary>Time waited for guardrails, in ticks of the clock's timestamps.</summary>
    public long WaitedForGuardrails { get; private set; }

    /// <summary>Time waited for memory searches, in ticks of the clock's timestamps.</summary>
    public long WaitedForMemory { get; private set; }

    /// <summary>Awaits a memory search and adds its time to <see cref="WaitedForMemory"/>.</summary>
    public async Task<T> WaitForMemoryAsync<T>(Task<T> waiting)
    {
        var started = time.GetTimestamp();
        try
        {
            return await waiting;
        }
        finally
        {
            WaitedForMemory += time.GetTimestamp() - started;
        }
    }

    /// <summary>Awaits guardrails and adds their time to <see cref="WaitedForGuardrails"/>.</summary>
    public async Task<T> WaitForGuardrailsAsync<T>(Task<T> waiting)
    {
        var started = time.GetTimestamp();
        try
        {
            return await waiting;
        }
        finally
        {
            WaitedForGuardrails += time.GetTimestamp() - started;
        }
    }

    /// <summary>Awaits an available target and adds the waiting time to <see cref="WaitedForTargets"/>.</summary>
    public async Task<T> WaitForTargetsAsync<T>(Task<T> waiting)
    {
        var started = time.GetTimestamp();
        try
        {
            return await waiting;
        }
        finally
        {
            WaitedForTargets += time.GetTimestamp() - started;
        }
    }

    /// <summary>Awaits a read of the caller's body and adds its time to <see cref="WaitedForCaller"/>. A read that has completed already adds
    /// nothing.</summary>
    public ValueTask<T> MeasureReadAsync<T>(ValueTask<T> reading) => reading.IsCompleted ? reading : WaitAsync(reading);

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
