using System.Data.Common;
using System.Text;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Records.Sql;

/// <summary>Asks for stored records of one project, the newest first, along the index that there is.</summary>
/// <param name="projectId">Whose.</param>
public sealed class RecordQuery(string projectId)
{
    private readonly StringBuilder _conditions = new($"r.\"ProjectId\" = {RecordRow.NumberOf("project")}");
    private readonly List<(string Name, object Value)> _values = [("project", projectId)];

    /// <param name="condition">In SQL, about <c>r</c>; holds nothing that came from outside.</param>
    /// <param name="values">Its parameters.</param>
    public void Where(string condition, params ReadOnlySpan<(string Name, object Value)> values)
    {
        _conditions.Append(" AND ").Append(condition);
        _values.AddRange(values);
    }

    public void From(DateTimeOffset from) => Where("r.\"StartedAt\" >= @from", ("from", from.ToUnixTimeMilliseconds()));

    public void WhereKey(string keyId) => Where($"r.\"KeyId\" = {RecordRow.NumberOf("key")}", ("key", keyId));

    public void WhereAgent(string agentId) => Where($"r.\"AgentId\" = {RecordRow.NumberOf("agent")}", ("agent", agentId));

    public void WherePrompt(string name) => Where($"r.\"Prompt\" = {RecordRow.NumberOf("prompt")}", ("prompt", name));

    public void WhereRequest(string requestId) => Where("r.\"RequestId\" = @request", ("request", PackedRequestId.Pack(requestId)));

    /// <param name="connection">On which it is to run.</param>
    /// <param name="limit">Rows at most.</param>
    public DbCommand ToCommand(DbConnection connection, int limit)
    {
        var command = connection.CreateCommand();
        command.CommandText = $"SELECT {RecordRow.Selected} FROM request_records AS r WHERE {_conditions} ORDER BY r.\"StartedAt\" DESC, r.\"Id\" DESC LIMIT {limit}";
        foreach (var (name, value) in _values)
        {
            command.Add(name, value);
        }

        return command;
    }

    public async Task<List<StoredRecord>> ReadAsync(EdgeDbContext database, int limit, CancellationToken cancellation)
    {
        await database.Database.OpenConnectionAsync(cancellation);
        await using var command = ToCommand(database.Database.GetDbConnection(), limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<StoredRecord>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(RecordRow.Read(reader));
        }

        return rows;
    }
}
