namespace Cencori.Edge.Agents.Shadow;

/// <summary>What happens to an event from which tool calls may have been removed.</summary>
internal enum Verdict
{
    /// <summary>The caller receives the event unchanged.</summary>
    Pass,

    /// <summary>The caller receives the event as changed: with tool calls removed, or with other item numbers.</summary>
    Changed,

    /// <summary>The caller does not receive the event.</summary>
    Dropped,
}
