namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// For test classes that have time limits of a few seconds and mostly wait. They start after all other tests, including those in <see cref="Alone"/>,
/// and run in parallel with each other.
/// </summary>
public static class Quiet
{
    /// <summary>The name of the trait. Its value describes what would fail on a busy machine.</summary>
    public const string Trait = "Quiet";
}
