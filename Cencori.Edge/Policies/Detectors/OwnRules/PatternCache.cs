using System.Text.RegularExpressions;
using BitFaster.Caching;
using BitFaster.Caching.Lru;

namespace Cencori.Edge.Policies.Detectors.OwnRules;

/// <summary>Caches compiled regular expressions: compiling one takes about ten milliseconds, and projects are reloaded often.</summary>
internal static class PatternCache
{
    private const int Capacity = 1024;

    private static readonly ICache<(string, bool), Regex> Made = new ConcurrentLruBuilder<(string Pattern, bool IgnoreCase), Regex>().WithCapacity(Capacity).Build();

    /// <summary>Returns a regular expression whose matching time is linear in the length of the text.</summary>
    /// <exception cref="ArgumentException">The pattern is not valid.</exception>
    /// <exception cref="NotSupportedException">The pattern cannot be matched in linear time.</exception>
    public static Regex Get(string pattern, bool ignoreCase) => Made.GetOrAdd((pattern, ignoreCase), static key => Make(key.Item1, key.Item2));

    private static Regex Make(string pattern, bool ignoreCase) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None));
}
