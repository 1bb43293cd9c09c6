namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>Waits in real time, where no clock can be advanced and no condition can be awaited. Each use gives a reason.</summary>
public static class RealTime
{
    public static Task PassesAsync(TimeSpan time, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return Task.Delay(time, TimeProvider.System, cancellationToken);
    }
}
