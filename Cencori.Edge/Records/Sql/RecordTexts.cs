using System.Data.Common;
using System.Globalization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Records.Sql;

/// <summary>
/// The table <c>record_texts</c>, where texts stand that most records have in common: rows have their numbers. A number is never given
/// up, so it may be remembered; edges that share a database agree because a text is there once. Not thread-safe.
/// </summary>
internal sealed class RecordTexts
{
    // Projects, keys and providers of a large edge, many times over.
    private const int MaxRemembered = 50_000;

    private const int TextsAtOnce = 500;

    private static readonly RecordColumn[] Names = [.. RecordColumns.All.Where(column => column.Kind == RecordKind.Name)];

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    // What the row before had: often this one has it, too.
    private readonly (string? Text, int Number)[] _last = new (string?, int)[RecordColumns.All.Count];

    /// <summary>To be told before rows of these records are written. What it adds is there for good, whatever becomes of the rows.</summary>
    public async Task LearnAsync(DbConnection connection, ReadOnlyMemory<PendingRecord> records, CancellationToken cancellation)
    {
        // In one order, so that no two edges wait for each other.
        var unknown = Unknown(records.Span).Order(StringComparer.Ordinal).ToArray();
        foreach (var texts in unknown.Chunk(TextsAtOnce))
        {
            await FindAsync(connection, texts, cancellation);
            var missing = Array.FindAll(texts, text => !_numbers.ContainsKey(text));
            if (missing.Length > 0)
            {
                await AddAsync(connection, missing, cancellation);
                await FindAsync(connection, missing, cancellation);
            }
        }
    }

    /// <summary>Of one of the texts that were told; null of null.</summary>
    /// <param name="column">In <see cref="RecordColumns"/>.</param>
    /// <param name="text">What the record has there.</param>
    public long? Number(int column, string? text)
    {
        if (text is null)
        {
            return null;
        }

        ref var last = ref _last[column];
        if (!string.Equals(last.Text, text))
        {
            last = (text, _numbers[RecordText.Keep(text)]);
        }

        return last.Number;
    }

    /// <summary>After a failure: the database may have been put back to what it was before.</summary>
    public void Forget()
    {
        _numbers.Clear();
        Array.Clear(_last);
    }

    private HashSet<string> Unknown(ReadOnlySpan<PendingRecord> records)
    {
        if (_numbers.Count > MaxRemembered)
        {
            Forget();
        }

        var unknown = new HashSet<string>(StringComparer.Ordinal);
        var before = new string?[Names.Length];
        foreach (var pending in records)
        {
            for (var index = 0; pending.HasRow && index < Names.Length; index++)
            {
                var text = Names[index].Get(pending.Record).Text;
                if (text is not null && !string.Equals(text, before[index]) && !_numbers.ContainsKey(RecordText.Keep(text)))
                {
                    unknown.Add(RecordText.Keep(text));
                }

                before[index] = text;
            }
        }

        return unknown;
    }

    private async Task FindAsync(DbConnection connection, string[] texts, CancellationToken cancellation)
    {
        await using var command = Command(connection, texts, "SELECT \"Text\", \"Id\" FROM record_texts WHERE \"Text\" IN (", ", ", ")");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            _numbers[reader.GetString(0)] = reader.GetInt32(1);
        }
    }

    private static async Task AddAsync(DbConnection connection, string[] texts, CancellationToken cancellation)
    {
        await using var command = Command(connection, texts, "INSERT INTO record_texts (\"Text\") VALUES (", "), (", ") ON CONFLICT (\"Text\") DO NOTHING");
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static DbCommand Command(DbConnection connection, string[] texts, string before, string between, string after)
    {
        var command = connection.CreateCommand();
        var parameters = new string[texts.Length];
        for (var index = 0; index < texts.Length; index++)
        {
            var name = "t" + index.ToString(CultureInfo.InvariantCulture);
            parameters[index] = "@" + name;
            command.Add(name, texts[index]);
        }

        command.CommandText = before + string.Join(between, parameters) + after;
        return command;
    }
}
