namespace Cencori.Edge.Metrics;

/// <summary>The time range of <c>/v1/metrics</c>, which ends now.</summary>
/// <param name="Name">The period's name, such as <c>24h</c>, as the caller wrote it.</param>
/// <param name="Start">Inclusive start.</param>
/// <param name="End">The current time.</param>
public sealed record MetricsPeriod(string Name, DateTimeOffset Start, DateTimeOffset End)
{
    public const string Default = "24h";

    /// <summary>Finds a period by its name. Null: no period has this name.</summary>
    public static MetricsPeriod? Find(string name, DateTimeOffset now) => name switch
    {
        "1h" => new(name, now.AddHours(-1), now),
        "24h" => new(name, now.AddHours(-24), now),
        "7d" => new(name, now.AddDays(-7), now),
        "30d" => new(name, now.AddDays(-30), now),
        "mtd" => new(name, new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero), now),
        _ => null,
    };
}
