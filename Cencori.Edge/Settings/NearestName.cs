namespace Cencori.Edge.Settings;

/// <summary>What somebody may have meant who wrote a name that there is not.</summary>
public static class NearestName
{
    private const int Most = 12;

    private const int MinBegun = 3;

    /// <summary>A sentence with the nearest name; where none is near, with all of them if they are few, else nothing.</summary>
    public static string Suggest(string written, IEnumerable<string> known)
    {
        var names = known.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToList();
        return (Find(written, names) ?? Begun(written, names)) is { } near ? $" Did you mean '{near}'?"
            : names.Count is > 0 and <= Most ? $" There {(names.Count == 1 ? "is" : "are")} {string.Join(", ", names)}."
            : "";
    }

    /// <summary>The name with the fewest typing errors between, neither case nor order of equals counting; null where there would be too many for its length.</summary>
    public static string? Find(string written, IEnumerable<string> known) => known
        .Select(name => (Name: name, Distance: Distance(written.ToUpperInvariant(), name.ToUpperInvariant())))
        .Where(found => found.Distance <= Math.Max(1, Math.Min(written.Length, found.Name.Length) / 3))
        .OrderBy(found => found.Distance).ThenBy(found => found.Name, StringComparer.OrdinalIgnoreCase)
        .Select(found => found.Name)
        .FirstOrDefault();

    // Whoever writes 'DataDir' means 'DataDirectory', many letters as there are between.
    private static string? Begun(string written, List<string> names) =>
        written.Length >= MinBegun && names.FindAll(name => name.StartsWith(written, StringComparison.OrdinalIgnoreCase)) is [var only] ? only : null;

    // Letters left out, put in, changed, or two side by side that changed places.
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
