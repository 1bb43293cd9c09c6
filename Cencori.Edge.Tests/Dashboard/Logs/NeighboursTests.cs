using System.Net;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard.Logs;

/// <summary>The page of one request, if the database becomes busy while the edge builds the page.</summary>
public sealed class NeighboursTests(NeighboursTests.Scene scene) : IClassFixture<NeighboursTests.Scene>
{
    [Theory]
    [InlineData(1), InlineData(2)]
    public async Task A_request_is_shown_without_neighbours_when_the_database_is_busy(int reads)
    {
        var project = $"/dashboard/p/{(string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scene.ProjectId}"))["project"]!["slug"]!}";
        using var chat = await scene.ChatAsync();
        using var client = await PageClient.SignedInAsync(scene.Edge);
        string? row = null;
        await Eventually.IsTrueAsync(async () =>
        {
            await client.GetAsync($"{project}/logs");
            row = client.Document.QuerySelector("main a[href*='?at='], main a[href*='&at=']")?.GetAttribute("href");
            return row is not null;
        });

        scene.Reads.Left = reads;
        await client.GetAsync(row!);
        var left = scene.Reads.Left;
        scene.Reads.Left = int.MaxValue;
        Assert.True(left < 0, row);
        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        Assert.Contains("gpt-4o", client.Text, StringComparison.Ordinal);
    }

    public sealed class Scene : RespondingEdge
    {
        public BusyReads Reads { get; private set; } = null!;

        protected override void Configure(WebApplicationBuilder builder) =>
            builder.Services.AddSingleton<IDatabaseSystem>(provider => Reads = new(new SqliteSystem(provider.GetRequiredService<DataDirectory>(), isJoined: false)));
    }

    /// <summary>A SQLite system that reports busy after a number of reads.</summary>
    public sealed class BusyReads(SqliteSystem system) : IDatabaseSystem, IDisposable
    {
        public int Left { get; set; } = int.MaxValue;

        public string Setting => system.Setting;

        public string Name => system.Name;

        public bool IsShared => system.IsShared;

        public bool HoldsThreads => system.HoldsThreads;

        public Task<IAsyncDisposable> LockAsync(CancellationToken cancellation) => system.LockAsync(cancellation);

        public Task KeepOpenAsync() => system.KeepOpenAsync();

        public Task<DatabaseReader> OpenReaderAsync(TimeSpan limit, CancellationToken cancellation) =>
            Left-- > 0 ? system.OpenReaderAsync(limit, cancellation) : throw new TimeoutException();

        public bool IsOverLimit(Exception exception) => exception is TimeoutException || system.IsOverLimit(exception);

        public DatabaseFault? Explain(Exception exception) => system.Explain(exception);

        public bool IsConflict(Exception exception) => system.IsConflict(exception);

        public void Dispose() => system.Dispose();
    }
}
