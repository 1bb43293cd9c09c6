namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>For all tests of a class: two edges on one SQLite file, and two on one PostgreSQL database where there is one.</summary>
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
            _database = await PostgresDatabase.CreateAsync();

            // The strictest level that an operator can make the default: nothing may depend on a lax one.
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
        _directory.Delete(recursive: true);
    }
}
