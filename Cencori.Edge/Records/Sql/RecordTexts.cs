using System.Data.Common;
using System.Globalization;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Records.Sql;

/// <summary>
/// Caches the table <c>record_texts</c>: texts that many records share. Rows store the numbers of these texts. Numbers never change, so they can be cached.
/// The table has each text once, so all edges on one database use the same number. Not thread-safe.
/// </summary>
internal sealed class RecordTexts
{
    // Number of texts that are cached: many times the projects, keys and providers of a large edge.
    private const int MaxRemembered = 50_000;

    private const int TextsAtOnce = 500;

    private static readonly RecordColumn[] Names = [.. RecordColumns.All.Where(column => column.Kind == RecordKind.Name)];

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    // For each column, the value of the previous row, because the next row often has the same.
    private readonly (string? Text, int Number)[] _last = new (string?, int)[RecordColumns.All.Count];

    /// <summary>Stores new texts of the records and caches their numbers. Call before the rows are written. A rollback of the rows keeps the texts.</summary>
    public async Task LearnAsync(DbConnection connection, ReadOnlyMemory<PendingRecord> records, CancellationToken cancellation)
    {
        // Inserts the texts in sorted order, so that two edges cannot deadlock.
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

    /// <summary>The number of a text of the records passed to <see cref="LearnAsync"/>. Null for null.</summary>
    /// <param name="column">Index in <see cref="RecordColumns"/>.</param>
    /// <param name="text">The record's value in this column.</param>
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

    /// <summary>Empties the cache. Call after a failure: the database may have been restored to an earlier state.</summary>
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
