using System.Data.Common;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Metrics;

/// <summary>What one sum is about: an environment, and a provider and a model or a kind of caller and its id; see <see cref="RollupKey"/>.</summary>
internal readonly record struct UsageCell(KeyEnvironment Environment, string Kind, string Name);

/// <summary>Which requests of a project count, in terms of the tables of sums and of records alike.</summary>
/// <param name="ProjectId">Whose.</param>
/// <param name="Environment">Null: both.</param>
internal sealed record UsageScope(string ProjectId, KeyEnvironment? Environment)
{
    private static readonly KeyEnvironment[] Both = Enum.GetValues<KeyEnvironment>();

    /// <summary>In <see cref="RollupTable.Callers"/>: <see cref="RollupKey.KeyKind"/> or <see cref="RollupKey.AgentKind"/>. Else: these providers; empty: any.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>These models, keys or agents; empty: any. An empty text stands for those without one.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The conditions on a table of sums, all but the time.</summary>
    public string OfSums(RollupTable table, DbCommand command)
    {
        command.Add("project", ProjectId);
        return $"\"ProjectId\" = @project AND \"Environment\" IN ({Environments}){In(table.Kind, Kinds, "kind", command)}{In(table.NameColumn, Names, "name", command)}";
    }

    /// <summary>The conditions on the records <c>r</c> that are summed up in the table, all but the time; and what they count under.</summary>
    public (string Where, string Kind, string Name) OfRecords(RollupTable table, DbCommand command)
    {
        command.Add("project", ProjectId);
        var where = $"r.\"ProjectId\" = {RecordRow.NumberOf("project")} AND r.\"Environment\" IN ({Environments})";
        if (table != RollupTable.Callers)
        {
            return (where + Named("Provider", Kinds, "kind", command) + Text("ModelServed", Names, command), RecordRow.TextOf("Provider"), "r.\"ModelServed\"");
        }

        var column = Kinds[0] == RollupKey.KeyKind ? nameof(RequestRecord.KeyId) : nameof(RequestRecord.AgentId);
        return (where + Named(column, Names, "name", command), $"'{Kinds[0]}'", RecordRow.TextOf(column));
    }

    private string Environments => string.Join(", ", (Environment is { } one ? [one] : Both).Select(environment => $"{(int)environment}"));

    private static string In(string column, IReadOnlyList<string> texts, string parameter, DbCommand command)
    {
        if (texts.Count == 0)
        {
            return "";
        }

        for (var index = 0; index < texts.Count; index++)
        {
            command.Add($"{parameter}{index}", texts[index]);
        }

        return $" AND {column} IN ({string.Join(", ", texts.Select((_, index) => $"@{parameter}{index}"))})";
    }

    private static string Text(string column, IReadOnlyList<string> texts, DbCommand command) =>
        texts.Contains("") ? $" AND (r.\"{column}\" IS NULL{Or(In($"r.\"{column}\"", texts, "name", command))})" : In($"r.\"{column}\"", texts, "name", command);

    private static string Named(string column, IReadOnlyList<string> texts, string parameter, DbCommand command)
    {
        if (texts.Count == 0)
        {
            return "";
        }

        var numbers = new List<string>();
        for (var index = 0; index < texts.Count; index++)
        {
            command.Add($"{parameter}{index}", texts[index]);
            numbers.Add(RecordRow.NumberOf($"{parameter}{index}"));
        }

        var among = $"r.\"{column}\" IN ({string.Join(", ", numbers)})";
        return texts.Contains("") ? $" AND (r.\"{column}\" IS NULL OR {among})" : $" AND {among}";
    }

    private static string Or(string condition) => " OR" + condition[" AND".Length..];
}
