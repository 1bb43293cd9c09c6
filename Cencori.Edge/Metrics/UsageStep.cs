namespace Cencori.Edge.Metrics;

/// <summary>The length of one point of a series.</summary>
public enum UsageStep
{
    Minute,
    Hour,

    /// <summary>A day in UTC.</summary>
    Day,
}
