namespace Cencori.Edge.Agents.Shadow;

/// <summary>What happens to an event from which tool calls may have been removed.</summary>
internal enum Verdict
{
    /// <summary>The event passes byte for byte.</summary>
    Pass,

    /// <summary>The event passes in its changed form.</summary>
    Changed,

    /// <summary>The event is removed.</summary>
    Dropped,
}
