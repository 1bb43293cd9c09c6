using System.Reflection;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Xunit.Sdk;

namespace Cencori.Edge.Tests.Infrastructure.Databases;

/// <summary>The theory runs on SQLite.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnSqliteAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[nameof(DatabaseEdge.Sqlite)]];
}

/// <summary>The theory runs on PostgreSQL; without one it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnPostgresAttribute : DataAttribute
{
    public OnPostgresAttribute() => Skip = PostgresServer.Missing;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[nameof(DatabaseEdge.Postgres)]];
}

/// <summary>An edge on an empty database of the system that the theory runs on.</summary>
public sealed class DatabaseEdge : IAsyncDisposable
{
    public const string Sqlite = nameof(Sqlite);
    public const string Postgres = nameof(Postgres);

    private readonly PostgresDatabase? _database;

    private DatabaseEdge(RunningEdge edge, PostgresDatabase? database)
    {
        Edge = edge;
        _database = database;
    }

    public RunningEdge Edge { get; }

    public static async Task<DatabaseEdge> StartAsync(string system, params string[] settings)
    {
        var database = system == Postgres ? await PostgresDatabase.CreateMigratedAsync() : null;
        return new DatabaseEdge(await RunningEdge.StartAsync([.. database?.Settings ?? [], .. settings]), database);
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await (_database?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
