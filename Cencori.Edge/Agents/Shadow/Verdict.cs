namespace Cencori.Edge.Agents.Shadow;

/// <summary>What to do with an event.</summary>
internal enum Verdict
{
    /// <summary>Passes byte for byte.</summary>
    Pass,

    /// <summary>Passes in its changed form.</summary>
    Changed,

    /// <summary>Is removed.</summary>
    Dropped,
}
