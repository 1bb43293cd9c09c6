namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// For classes of tests that hold the edge to seconds and wait for most of their time. They begin when all others have ended, those in
/// <see cref="Alone"/> too, and go beside each other.
/// </summary>
public static class Quiet
{
    /// <summary>Its value says what would not hold on a busy machine.</summary>
    public const string Trait = "Quiet";
}
