namespace Cencori.Edge.Metrics;

/// <summary>How long a point of a series is.</summary>
public enum UsageStep
{
    Minute,
    Hour,

    /// <summary>Of UTC.</summary>
    Day,
}
