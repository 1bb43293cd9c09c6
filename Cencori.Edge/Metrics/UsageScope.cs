using System.Data.Common;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Metrics;

/// <summary>The key of one row of sums: an environment, and either provider and model, or kind and id of a caller; see <see cref="RollupKey"/>.</summary>
internal readonly record struct UsageCell(KeyEnvironment Environment, string Kind, string Name);

/// <summary>Selects requests of a project, in roll-up tables and in records.</summary>
/// <param name="ProjectId">The project.</param>
/// <param name="Environment">The environment; null: both.</param>
internal sealed record UsageScope(string ProjectId, KeyEnvironment? Environment)
{
    private static readonly KeyEnvironment[] Both = Enum.GetValues<KeyEnvironment>();

    /// <summary>For <see cref="RollupTable.Callers"/>: the kind of caller, <see cref="RollupKey.KeyKind"/> or <see cref="RollupKey.AgentKind"/>. For other
    /// tables: the allowed providers. Empty: all.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>Allowed models, keys or agents; empty: any. An empty text in the list stands for requests without a model, key or agent.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The SQL conditions for rows of a roll-up table, without a condition on the time. Adds parameters to <paramref name="command"/>.</summary>
    public string OfSums(RollupTable table, DbCommand command)
    {
        command.Add("project", ProjectId);
        return $"\"ProjectId\" = @project AND \"Environment\" IN ({Environments}){In(table.Kind, Kinds, "kind", command)}{In(table.NameColumn, Names, "name", command)}";
    }

    /// <summary>The SQL conditions for the records <c>r</c> that a roll-up table sums up, without a condition on the time; and the SQL expressions of kind and name.</summary>
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
