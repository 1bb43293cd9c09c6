namespace Cencori.Edge.Metrics;

public enum UsageStep
{
    Minute,
    Hour,
    Day,
}
