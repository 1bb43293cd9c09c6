using System.Net;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>Two edges on one database, one Redis and one provider, with a project without limits that may use it.</summary>
public class TwoEdges : ISharesProvider, IAsyncLifetime, IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("edges-").FullName;

    public RedisServer Redis { get; private set; } = null!;

    public ScriptedProvider Provider { get; } = new();

    public RunningEdge A { get; private set; } = null!;

    public RunningEdge B { get; private set; } = null!;

    public string ProjectId { get; private set; } = null!;

    public string Key { get; private set; } = null!;

    /// <summary>Settings of both edges.</summary>
    protected virtual IEnumerable<string> Settings => ["RateLimiting:RedisTimeout=00:00:05"];

    public async Task InitializeAsync()
    {
        if (RedisServer.Missing is not null)
        {
            return;
        }

        Provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
        Redis = await RedisServer.StartAsync();
        A = await StartEdgeAsync();
        B = await StartEdgeAsync();
        ProjectId = await A.CreateProjectAsync("openai");
        Key = await CreateKeyAsync(ProjectId);
    }

    /// <summary>Sends a chat to one of the edges and returns the status.</summary>
    public static async Task<int> ChatAsync(RunningEdge edge, string key)
    {
        using var response = await edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);
        await response.Content.LoadIntoBufferAsync();
        return (int)response.StatusCode;
    }

    /// <summary>Creates a project with these limits, and a production key of it.</summary>
    public async Task<(string ProjectId, string Key)> CreateAsync(object limits)
    {
        var project = await A.CreateProjectAsync("openai");
        await A.SetLimitsAsync(project, limits);
        return (project, await CreateKeyAsync(project));
    }

    /// <summary>Creates a production key on one edge and waits until the other edge accepts it, which takes up to a second.</summary>
    public async Task<string> CreateKeyAsync(string project)
    {
        var key = await A.CreateKeyAsync(project);
        await Eventually.IsTrueAsync(async () =>
        {
            // Every key gets 404 for this path, so the check uses up no limit.
            using var response = await B.SendAsync(key, HttpMethod.Get, "/v1/chat//completions");
            return response.StatusCode == HttpStatusCode.NotFound;
        });
        return key;
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Redis is not null)
        {
            await A.DisposeAsync();
            await B.DisposeAsync();
            await Redis.DisposeAsync();
        }

        await Provider.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        RunDirectory.Delete(_directory);
    }

    private Task<RunningEdge> StartEdgeAsync() => RunningEdge.StartAsync(
        [RunningEdge.Destination("openai", Provider.Address), $"Redis:Configuration={Redis.Configuration}", .. Settings], dataDirectory: _directory);
}
