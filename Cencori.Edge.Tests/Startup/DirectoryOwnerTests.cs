using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Startup;

/// <summary>A data directory with SQLite is used by one edge, or by several that share a Redis.</summary>
public sealed class DirectoryOwnerTests(SharedRedis redis) : IClassFixture<SharedRedis>, IDisposable
{
    private const string Named = "Storage:DataDirectory";

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-owner-").FullName;

    private string Data => Path.Combine(_directory, "data");

    private string Redis => $"Redis:Configuration={redis.Configuration}";

    [Fact]
    [Trait(SlowestTests.Trait, "Processes start, one after the other.")]
    public async Task A_second_edge_exits_with_an_error_and_the_directory_is_free_when_the_first_ends()
    {
        await using (await RunningEdge.StartAsync(dataDirectory: Data))
        {
            Assert.Contains("another edge runs in", await RefusedStart.AssertAsync(_directory, Named), StringComparison.Ordinal);
            Assert.Contains("Redis:Configuration", await RefusedStart.AssertAsync(_directory, Named, $"--{Redis}"), StringComparison.Ordinal);
        }

        await using var next = await RunningEdge.StartAsync([Redis], dataDirectory: Data);
        Assert.Contains("another edge runs in", await RefusedStart.AssertAsync(_directory, Named), StringComparison.Ordinal);
        await using var joined = await RunningEdge.StartAsync([Redis], dataDirectory: Data);
        Assert.NotEqual(next.Address, joined.Address);
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Processes start, one after the other.")]
    public async Task The_directory_is_free_when_the_first_edge_was_killed()
    {
        await MigratedDatabase.PrepareAsync(_directory);
        await using (var killed = EdgeProcess.Start(_directory, "--urls=http://127.0.0.1:0"))
        {
            await killed.ListeningAsync();
            await RefusedStart.AssertAsync(_directory, Named);
            await killed.KillAsync();
        }

        await using var next = await RunningEdge.StartAsync(dataDirectory: Data);
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        RunDirectory.Delete(_directory);
    }
}
