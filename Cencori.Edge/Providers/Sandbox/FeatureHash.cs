using System.Collections.Frozen;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>Hashes that never change between processes, versions and machines, because vectors are stored: FNV-1a over UTF-16 units, mixed as in SplitMix64.</summary>
internal static class FeatureHash
{
    private static readonly FrozenSet<ulong> CommonWords = (
        "a about all also am an and any are as at be been but by can could did do does for from get give had has have he her him his how i if in into is it its "
        + "just let like me my no not of off on or our out over please s she should so some such t tell than that the their them then there these they this those "
        + "to too up us very was we were what when where which while who whom whose why will with would you your").Split(' ').Select(word => Of(word)).ToFrozenSet();

    public static ulong Of(ReadOnlySpan<char> text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var character in text)
        {
            hash = (hash ^ character) * 0x100000001B3;
        }

        return Mixed(hash);
    }

    public static ulong Mixed(ulong hash)
    {
        hash += 0x9E3779B97F4A7C15;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }

    /// <summary>True if this is the hash of a common English word, such as <c>the</c>.</summary>
    public static bool IsCommon(ulong hash) => CommonWords.Contains(hash);
}
