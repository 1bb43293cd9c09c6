namespace Cencori.Edge.Dashboard.Prompts;

/// <summary>Computes line-by-line differences of two texts.</summary>
public static class LineDiff
{
    // Maximum size of the table of the longest common subsequence, which has one cell per pair of lines.
    private const int MaxCells = 2_000_000;

    /// <summary>
    /// Returns all lines with the smallest set of removed and added lines. If the texts are too long for that, all lines between the common start and
    /// the common end count as removed and added.
    /// </summary>
    public static List<DiffLine> Of(string before, string after)
    {
        var (old, now) = (Lines(before), Lines(after));
        var head = 0;
        while (head < old.Length && head < now.Length && old[head] == now[head])
        {
            head++;
        }

        var tail = 0;
        while (tail < old.Length - head && tail < now.Length - head && old[^(tail + 1)] == now[^(tail + 1)])
        {
            tail++;
        }

        var lines = new List<DiffLine>(old.Length + now.Length);
        for (var i = 0; i < head; i++)
        {
            lines.Add(new(i + 1, i + 1, old[i]));
        }

        AddMiddle(lines, old.AsSpan(head, old.Length - head - tail), now.AsSpan(head, now.Length - head - tail), head);
        for (var i = tail; i > 0; i--)
        {
            lines.Add(new(old.Length - i + 1, now.Length - i + 1, old[^i]));
        }

        return lines;
    }

    private static void AddMiddle(List<DiffLine> lines, ReadOnlySpan<string> old, ReadOnlySpan<string> now, int offset)
    {
        var common = (long)old.Length * now.Length <= MaxCells ? Common(old, now) : null;
        var (i, j) = (0, 0);
        while (i < old.Length || j < now.Length)
        {
            if (common is not null && i < old.Length && j < now.Length && old[i] == now[j])
            {
                lines.Add(new(offset + i + 1, offset + j + 1, old[i]));
                (i, j) = (i + 1, j + 1);
            }
            else if (i < old.Length && (j == now.Length || common is null || common[i + 1, j] >= common[i, j + 1]))
            {
                lines.Add(new(offset + ++i, null, old[i - 1]));
            }
            else
            {
                lines.Add(new(null, offset + ++j, now[j - 1]));
            }
        }
    }

    /// <returns>For each pair of positions in the two texts: the length of the longest common subsequence of the lines from there on.</returns>
    private static int[,] Common(ReadOnlySpan<string> old, ReadOnlySpan<string> now)
    {
        var common = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
            {
                common[i, j] = old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        return common;
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n');
}

/// <param name="Old">Line number before; null: the line is new.</param>
/// <param name="Now">Line number now; null: the line was removed.</param>
/// <param name="Text">The line.</param>
public readonly record struct DiffLine(int? Old, int? Now, string Text);
