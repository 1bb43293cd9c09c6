namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// For test classes with time limits of seconds that wait most of their time. They start after all other tests, including those in <see cref="Alone"/>,
/// and run in parallel with each other.
/// </summary>
public static class Quiet
{
    /// <summary>The value says what would fail on a busy machine.</summary>
    public const string Trait = "Quiet";
}
