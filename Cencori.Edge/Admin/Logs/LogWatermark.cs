using System.Data.Common;
using System.Globalization;
using Cencori.Edge.Records.Sql;

namespace Cencori.Edge.Admin.Logs;

/// <summary>
/// Tracks which of the arriving records a client has seen: the highest record number, and the missing numbers below it. PostgreSQL assigns numbers before the
/// rows become visible, so rows of another edge may appear below the highest number.
/// </summary>
/// <param name="Last">The highest number seen.</param>
/// <param name="Missing">Ranges of numbers below <paramref name="Last"/> that were not seen, the highest first.</param>
internal sealed record LogWatermark(long Last, IReadOnlyList<(long From, long To)> Missing)
{
    // Missing numbers are tracked only this far below the highest number. That is enough for batches that several edges write at the same time.
    private const int Overlap = 10_000;

    private const int MaxMissing = 100;

    /// <summary>The client has seen all records up to this number.</summary>
    public long First => Missing.Count == 0 ? Last : Math.Min(Last, Missing[^1].From - 1);

    /// <summary>SQL condition for a record (alias <c>r</c>) that the client has not seen yet.</summary>
    public string IsNew => $"(r.\"Id\" > {Last}{string.Concat(Missing.Select(range => $" OR r.\"Id\" BETWEEN {range.From} AND {range.To}"))})";

    public static async Task<LogWatermark> ReadAsync(DbConnection connection, CancellationToken cancellation)
    {
        await using var latest = connection.CreateCommand();
        latest.CommandText = "SELECT COALESCE(MAX(\"Id\"), 0) FROM request_records";
        var last = (long)(await latest.ExecuteScalarAsync(cancellation))!;
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            SELECT "Before" + 1, "Id" - 1 FROM (
                SELECT "Id", LAG("Id", 1, @first) OVER (ORDER BY "Id") AS "Before" FROM request_records WHERE "Id" > @first) AS arrived
            WHERE "Id" > "Before" + 1 ORDER BY "Id" DESC LIMIT {MaxMissing}
            """;
        command.Add("first", Math.Max(0, last - Overlap));
        var missing = new List<(long From, long To)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            missing.Add((reader.GetInt64(0), reader.GetInt64(1)));
        }

        return new(last, missing);
    }

    public static bool TryParse(string? text, out LogWatermark mark)
    {
        mark = new(0, []);
        var parts = (text ?? "").Split('.');
        if (parts.Length > MaxMissing + 1 || !TryRead(parts[0], out var last))
        {
            return false;
        }

        var missing = new List<(long From, long To)>();
        foreach (var part in parts.AsSpan(1))
        {
            if (part.Split('-') is not [var from, var to] || !TryRead(from, out var begin) || !TryRead(to, out var end))
            {
                return false;
            }

            missing.Add((begin, end));
        }

        mark = new(last, missing);
        return true;
    }

    public override string ToString() => $"{Last}{string.Concat(Missing.Select(range => $".{range.From}-{range.To}"))}";

    // Checks for digits too, because long.TryParse ignores null characters after a number.
    private static bool TryRead(string text, out long number)
    {
        number = 0;
        return text.All(char.IsAsciiDigit) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
