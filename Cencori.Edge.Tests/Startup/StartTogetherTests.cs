using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Startup;

/// <summary>Edges that start at the same moment on one empty database: one initializes it, and all serve.</summary>
public sealed class StartTogetherTests(SharedRedis redis) : IClassFixture<SharedRedis>
{
    private const string GeneratedToken = "Admin:Token=";

    [PostgresFact]
    public async Task On_PostgreSQL_there_is_one_admin_token_and_one_first_project()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await AssertOneFirstStartAsync(4, () => RunningEdge.StartAsync([.. database.Settings, GeneratedToken]));
    }

    [Fact]
    public async Task In_one_data_directory_there_is_one_admin_token_one_first_project_and_one_master_key()
    {
        var directory = Directory.CreateTempSubdirectory("edge-");
        try
        {
            await AssertOneFirstStartAsync(12, () => RunningEdge.StartAsync([GeneratedToken, $"Redis:Configuration={redis.Configuration}"], dataDirectory: directory.FullName));
            Assert.Single(directory.EnumerateFiles("master.key*"));
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            RunDirectory.Delete(directory.FullName);
        }
    }

    [Fact]
    public async Task Without_Redis_only_one_edge_starts_in_a_data_directory_and_the_others_report_it()
    {
        var directory = Directory.CreateTempSubdirectory("edge-");
        try
        {
            var starts = Enumerable.Range(0, 12).Select(_ => Task.Run(() => RunningEdge.StartAsync([GeneratedToken], dataDirectory: directory.FullName))).ToList();
            await Task.WhenAll(starts).ContinueWith(_ => { }, TaskScheduler.Default);

            await using var edge = await Assert.Single(starts, start => start.IsCompletedSuccessfully);
            Assert.NotNull(edge.Welcome.AdminToken);
            Assert.NotNull(edge.Welcome.TestKey);
            Assert.All(starts.Where(start => start.IsFaulted), start =>
                Assert.Contains("another edge runs in", Assert.IsType<StartupException>(start.Exception!.InnerException).Message, StringComparison.Ordinal));
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            RunDirectory.Delete(directory.FullName);
        }
    }

    private static async Task AssertOneFirstStartAsync(int count, Func<Task<RunningEdge>> start)
    {
        var edges = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(start)));
        try
        {
            var greetings = await Task.WhenAll(edges.Select(edge => edge.Preparing));
            var token = Assert.Single(greetings, greeting => greeting!.AdminToken is not null)!.AdminToken;
            var key = Assert.Single(greetings, greeting => greeting!.TestKey is not null)!.TestKey;
            foreach (var edge in edges)
            {
                edge.Admin.DefaultRequestHeaders.Authorization = new("Bearer", token);
                Assert.Single((await edge.SendAdminAsync(HttpMethod.Get, "/api/projects"))["projects"]!.AsArray());
                using var response = await edge.SendAsync(key, HttpMethod.Get, "/v1/models/gpt-4o");
                Assert.Equal(200, (int)response.StatusCode);
            }

            Assert.Single(edges.Select(edge => edge.Services.GetRequiredService<SecretSealer>().SealKeyId).Distinct());
        }
        finally
        {
            await Task.WhenAll(edges.Select(edge => edge.DisposeAsync().AsTask()));
        }
    }
}
