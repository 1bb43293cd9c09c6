namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>Waits until a condition becomes true, with a long timeout because test machines are busy.</summary>
public static class Eventually
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    // With the default timeout, a condition is checked at least this often: while the machine is suspended, time passes without a check.
    private const int MinChecks = 100;

    public static Task IsTrueAsync(Func<bool> condition) => IsTrueAsync(() => Task.FromResult(condition()));

    /// <param name="condition">Checked every 20 ms.</param>
    /// <param name="within">Another timeout: shorter for tests of the time itself, longer for slow starts.</param>
    public static async Task IsTrueAsync(Func<Task<bool>> condition, TimeSpan? within = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        var limit = within ?? Timeout;
        for (var checks = 1; !await condition(); checks++)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < limit || (within is null && checks < MinChecks), $"Not true within {limit}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
