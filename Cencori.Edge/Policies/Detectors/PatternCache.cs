using System.Text.RegularExpressions;
using BitFaster.Caching;
using BitFaster.Caching.Lru;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>Patterns that were made already: to make one takes some ten milliseconds, and projects are loaded again and again.</summary>
internal static class PatternCache
{
    private const int Capacity = 1024;

    private static readonly ICache<(string, bool), Regex> Made = new ConcurrentLruBuilder<(string Pattern, bool IgnoreCase), Regex>().WithCapacity(Capacity).Build();

    /// <summary>Its time is linear in the text.</summary>
    /// <exception cref="ArgumentException">Not a pattern.</exception>
    /// <exception cref="NotSupportedException">A pattern that can not be made linear.</exception>
    public static Regex Get(string pattern, bool ignoreCase) => Made.GetOrAdd((pattern, ignoreCase), static key => Make(key.Item1, key.Item2));

    private static Regex Make(string pattern, bool ignoreCase) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None));
}
