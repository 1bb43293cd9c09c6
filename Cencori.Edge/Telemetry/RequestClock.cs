namespace Cencori.Edge.Telemetry;

/// <summary>When a request arrived, and how long the edge has waited for its caller since.</summary>
/// <remarks>Used by one thread at a time, as the request is.</remarks>
public sealed class RequestClock(TimeProvider time)
{
    public TimeProvider Time => time;

    /// <summary>Timestamp of the clock.</summary>
    public long ArrivedAt { get; } = time.GetTimestamp();

    /// <summary>For the caller's body so far, in ticks of the clock's timestamps.</summary>
    public long WaitedForCaller { get; private set; }

    /// <summary>Until somebody could be asked, in ticks of the clock's timestamps.</summary>
    public long WaitedForTargets { get; private set; }

    /// <summary>For guardrails, in ticks of the clock's timestamps.</summary>
    public long WaitedForGuardrails { get; private set; }

    /// <summary>For what a memory has, in ticks of the clock's timestamps.</summary>
    public long WaitedForMemory { get; private set; }

    /// <summary>Waits for what a memory has, and keeps that time apart.</summary>
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

    /// <summary>Waits for guardrails, and keeps that time apart.</summary>
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

    /// <summary>Waits until somebody can be asked, and keeps that time apart.</summary>
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

    /// <summary>Passes a read of the caller's body on, and keeps its time apart where it is not done at once.</summary>
    public ValueTask<T> Wait<T>(ValueTask<T> reading) => reading.IsCompleted ? reading : WaitAsync(reading);

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
