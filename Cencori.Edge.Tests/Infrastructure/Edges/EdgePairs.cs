using Cencori.Edge.Tests.Infrastructure.Databases;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>For all tests of a class: two edges on one SQLite file, and, if there is a PostgreSQL, two on one database of it.</summary>
public sealed class EdgePairs : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("edges-");
    private readonly Dictionary<string, RunningEdge[]> _edges = [];
    private PostgresDatabase? _database;

    /// <param name="system">A constant of <see cref="DatabaseEdge"/>.</param>
    public RunningEdge[] On(string system) => _edges[system];

    public async Task InitializeAsync()
    {
        _edges[DatabaseEdge.Sqlite] = [await StartAsync([]), await StartAsync([])];
        if (PostgresServer.Missing is null)
        {
            _database = await PostgresDatabase.CreateMigratedAsync();

            // The strictest isolation level that an operator can set as default: the edge must work with every level.
            string[] settings = PostgresDatabase.SettingsOf(_database.ConnectionString + ";Options=-c default_transaction_isolation=serializable");
            _edges[DatabaseEdge.Postgres] = [await RunningEdge.StartAsync(settings), await RunningEdge.StartAsync(settings)];
        }

        Task<RunningEdge> StartAsync(string[] settings) => RunningEdge.StartAsync(settings, RunningEdge.Join, _directory.FullName);
    }

    public async Task DisposeAsync()
    {
        foreach (var edge in _edges.Values.SelectMany(edges => edges))
        {
            await edge.DisposeAsync();
        }

        await (_database?.DisposeAsync() ?? ValueTask.CompletedTask);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        RunDirectory.Delete(_directory.FullName);
    }
}
