namespace Cencori.Edge.Agents.Shadow;

/// <summary>What becomes of an event.</summary>
internal enum Verdict
{
    /// <summary>It passes byte for byte.</summary>
    Pass,

    /// <summary>It passes as it is now.</summary>
    Changed,

    /// <summary>Nothing is left of it.</summary>
    Dropped,
}
