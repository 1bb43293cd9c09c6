namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>Upper limits of real time. Other load on the machine may delay some measurements, but not all.</summary>
public static class LatencyLimit
{
    private const int MaxAttempts = 5;

    /// <summary>Asserts that the fastest of several measurements is within the limit. So it detects only delays that occur every time.</summary>
    /// <param name="limit">The longest time.</param>
    /// <param name="measureAsync">Measures once. Called again if the result is over the limit.</param>
    public static async Task IsMetAsync(TimeSpan limit, Func<Task<TimeSpan>> measureAsync)
    {
        var fastest = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < MaxAttempts && fastest > limit; attempt++)
        {
            var took = await measureAsync();
            fastest = took < fastest ? took : fastest;
        }

        Assert.True(fastest <= limit, $"The fastest took {fastest}.");
    }
}
