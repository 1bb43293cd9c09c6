using System.Globalization;
using Cencori.Edge.Memory;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Memory;

/// <summary>A provider that does not answer, or breaks off, keeps neither callers nor the background work waiting for long.</summary>
public sealed class SilentProviderTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly ClockedEdge _clocked = new();
    private MemoryClient _client = null!;

    public async Task InitializeAsync()
    {
        await _clocked.InitializeAsync();
        _client = new(_clocked.Edge, _clocked.Key);
        await _client.CreateAsync("notes", new { dimensions = 4 });
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _clocked.DisposeAsync();

    [Fact]
    public async Task A_caller_waits_only_briefly_for_vectors()
    {
        var waits = BeSilent("[\"the blue bicycle\"]");
        var storing = _client.CallAsync(HttpMethod.Post, "/store", new { @namespace = "notes", content = "the blue bicycle" }, 201);
        await waits;
        _clocked.Clock.Advance(MemoryEmbedder.CallerTimeout);
        Assert.False((bool)(await storing)["embedded"]!);

        waits = BeSilent("[\"bicycle\"]");
        var searching = _client.CallAsync(HttpMethod.Post, "/search", new { @namespace = "notes", query = "bicycle" });
        await waits;
        _clocked.Clock.Advance(MemoryEmbedder.CallerTimeout);
        var found = await searching;
        Assert.Equal(("text", 1), ((string)found["order"]!, (int)found["count"]!));
    }

    [Fact]
    public async Task The_background_work_waits_for_no_provider_except_for_the_entries_that_it_embeds()
    {
        _clocked.Provider.Respond((_, response) => response.JsonAsync(500, "{}"));
        var other = new MemoryClient(_clocked.Edge, await _clocked.Edge.CreateOpenAIKeyAsync());
        await other.CreateAsync("notes", new { dimensions = 4 });
        await _client.StoreAsync("notes", "silence");
        var spoken = await other.StoreAsync("notes", "a word");
        var expiresAt = _clocked.Clock.GetUtcNow().AddSeconds(10).ToString("O", CultureInfo.InvariantCulture);
        var expiring = await _client.StoreAsync("notes", "soon over", new { embedding = (int[])[1, 2, 3, 4], expiresAt });

        var waits = BeSilent("silence");
        var maintenance = _clocked.Edge.Services.GetRequiredService<MemoryMaintenance>();
        maintenance.Wake();
        await waits;
        await Eventually.IsTrueAsync(async () => (bool)(await other.CallAsync(HttpMethod.Get, $"/{spoken}"))["embedded"]!);

        _clocked.Clock.Advance(TimeSpan.FromSeconds(10));
        maintenance.Wake();
        await Eventually.IsTrueAsync(async () =>
        {
            await using var database = await _clocked.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
            return !await database.Memories.AnyAsync(row => row.Id == expiring);
        });

        _clocked.Clock.Advance(MemoryEmbedder.BackgroundTimeout);
        await Eventually.IsTrueAsync(async () => (await _client.CallAsync(HttpMethod.Get, "/namespaces/notes"))["embeddingFault"] is not null);
    }

    [Fact]
    public async Task A_response_that_breaks_off_is_not_taken_for_an_unusable_one_and_tried_again_soon()
    {
        _clocked.Provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Content-Length", "1000"));
            await response.SendAsync("""{"object":"list","data":[""");
            await response.CloseAsync();
        });
        var id = await _client.StoreAsync("notes", "an entry");
        await _clocked.Edge.UpkeepAsync();
        Assert.NotNull((await _client.CallAsync(HttpMethod.Get, "/namespaces/notes"))["embeddingFault"]);

        _clocked.Provider.Respond((request, response) => response.JsonAsync(200, MemoryPipelineTests.Vectors(request.BodyText, 4)));
        _clocked.Clock.Advance(TimeSpan.FromMinutes(1));
        await _clocked.Edge.UpkeepAsync();
        Assert.True((bool)(await _client.CallAsync(HttpMethod.Get, $"/{id}"))["embedded"]!);
    }

    // Answers no request for these texts and other requests with vectors. The task completes when the first such request waits.
    private Task BeSilent(string texts)
    {
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _clocked.Provider.Respond(async (request, response) =>
        {
            if (!request.BodyText.Contains(texts, StringComparison.Ordinal))
            {
                await response.JsonAsync(200, MemoryPipelineTests.Vectors(request.BodyText, 4));
                return;
            }

            waits.TrySetResult();
            await response.WaitForAbortAsync();
        });
        return waits.Task;
    }
}
