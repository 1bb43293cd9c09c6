namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>Lets real time pass, where no clock can be moved and there is nothing to wait for. Each use says why.</summary>
public static class RealTime
{
    public static Task PassesAsync(TimeSpan time, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return Task.Delay(time, TimeProvider.System, cancellationToken);
    }
}
