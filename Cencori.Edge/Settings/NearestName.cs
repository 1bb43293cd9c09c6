namespace Cencori.Edge.Settings;

/// <summary>Suggests a known name for an unknown name that a user wrote.</summary>
public static class NearestName
{
    private const int Max = 12;

    private const int MinPrefix = 3;

    /// <summary>Returns a sentence with the nearest known name. When no name is near: a sentence with all known names if they are few, otherwise an empty string.</summary>
    public static string Suggest(string written, IEnumerable<string> known)
    {
        var names = known.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToList();
        return (Find(written, names) ?? FindByPrefix(written, names)) is { } near ? $" Did you mean '{near}'?"
            : names.Count is > 0 and <= Max ? $" There {(names.Count == 1 ? "is" : "are")} {string.Join(", ", names)}."
            : "";
    }

    /// <summary>Finds the known name with the fewest typing errors, ignoring case; ties in alphabetical order. Null: every name has too many errors for its length.</summary>
    public static string? Find(string written, IEnumerable<string> known) => known
        .Select(name => (Name: name, Distance: Distance(written.ToUpperInvariant(), name.ToUpperInvariant())))
        .Where(found => found.Distance <= Math.Max(1, Math.Min(written.Length, found.Name.Length) / 3))
        .OrderBy(found => found.Distance).ThenBy(found => found.Name, StringComparer.OrdinalIgnoreCase)
        .Select(found => found.Name)
        .FirstOrDefault();

    // Finds a known name that begins with the written text: 'DataDir' means 'DataDirectory', although many letters are missing.
    private static string? FindByPrefix(string written, List<string> names) =>
        written.Length >= MinPrefix && names.FindAll(name => name.StartsWith(written, StringComparison.OrdinalIgnoreCase)) is [var only] ? only : null;

    // Damerau-Levenshtein distance: letters missing, added, changed, or two neighbours swapped.
    private static int Distance(string one, string other)
    {
        var rows = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var changed = rows[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                var swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] ? rows[i - 2, j - 2] + 1 : changed;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, Math.Min(changed, swapped));
            }
        }

        return rows[one.Length, other.Length];
    }
}
