using System.Diagnostics.Metrics;
using System.Net;
using Cencori.Edge.Records;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Records;

/// <summary>With <c>Usage:Durability=Answer</c>, no caller has the end of a response before its record is stored.</summary>
public sealed class DurabilityTests
{
    private const string Setting = "Usage:Durability=Answer";

    [Fact]
    [Trait(SlowestTests.Trait, "A process starts and is killed.")]
    public async Task A_killed_edge_has_the_record_of_every_sent_response()
    {
        var directory = Directory.CreateTempSubdirectory("edge-process-");
        await MigratedDatabase.PrepareAsync(directory.FullName);
        string?[] completed;
        await using (var killed = EdgeProcess.Start(directory.FullName, "--urls=http://127.0.0.1:0", $"--{Setting}"))
        {
            using var http = new HttpClient { BaseAddress = await killed.ListeningAsync() };
            http.DefaultRequestHeaders.Authorization = new("Bearer", await killed.TestKeyAsync());
            string[] bodies = [ScriptedEdge.Chat, ScriptedEdge.StreamedChat, ScriptedEdge.ChatOf("sandbox/error-500"), ScriptedEdge.ChatOf("sandbox/error-429"), """{"model":"gpt-4o"}"""];
            completed = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => AskAsync(http, bodies[number % bodies.Length])));
            await killed.KillAsync();
        }

        await using (var next = await RunningEdge.StartAsync(dataDirectory: Path.Combine(directory.FullName, "data")))
        {
            // Records that went to the spool arrive later.
            await Eventually.IsTrueAsync(async () => !completed.Except((await next.RowsAsync()).Select(row => row.RequestId)).Any());
            Assert.Equal((await next.RowsAsync()).Count, (await next.RollupsAsync()).Sum(row => row.Requests));
        }

        SqliteConnection.ClearAllPools();
        RunDirectory.Delete(directory.FullName);
    }

    [Fact]
    public async Task Responses_wait_for_their_records_and_many_share_a_transaction()
    {
        const int Count = 30;
        await using var provider = new ScriptedProvider();
        provider.Respond((request, response) => request.BodyText.Contains("\"stream\":true", StringComparison.Ordinal)
            ? response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["hi"]))
            : response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));

        // The clock stands still, so that no record goes to the spool because of a timeout.
        await using var edge = await RunningEdge.StartAsync(
            [RunningEdge.Destination("openai", provider.Address), Setting], builder => builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(Some.Now)));
        var key = await edge.CreateOpenAIKeyAsync();
        using var meters = new WriterMeters(edge);
        await using var others = new SqliteConnection($"Data Source={edge.Services.GetRequiredService<DataDirectory>().DatabaseFile};Pooling=False");
        await others.OpenAsync();
        await using (var transaction = others.BeginTransaction())
        {
            var asking = Enumerable.Range(0, Count).Select(number => AskAsync(edge, key, number % 2 == 0 ? ScriptedEdge.Chat : ScriptedEdge.StreamedChat)).ToList();
            await Eventually.IsTrueAsync(() => meters.Pending == Count);
            Assert.DoesNotContain(asking, edgeResponse => edgeResponse.IsCompleted);
            await transaction.RollbackAsync();
            Assert.All(await Task.WhenAll(asking), status => Assert.Equal(HttpStatusCode.OK, status));
        }

        Assert.Equal(Count, meters.Written);
        Assert.InRange(meters.Transactions, 1, 5);
        Assert.All(await edge.RowsAsync(), row => Assert.Equal(RequestOutcome.Success, row.Outcome));
    }

    [Fact]
    public async Task Broken_streams_and_refusals_are_recorded_once()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("data: {\"choices\":[]}\n\n");
            await response.ResetAsync();
        });
        await using var edge = await RunningEdge.StartAsync(provider, Setting);
        var key = await edge.CreateOpenAIKeyAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync(edge, key, ScriptedEdge.StreamedChat));
        Assert.Equal(RequestOutcome.Error, Assert.Single(await edge.RowsAsync()).Outcome);

        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(edge, key, ScriptedEdge.ChatOf("no-such-model")));
        Assert.Equal(["PROVIDER_ERROR", "MODEL_NOT_FOUND"], (await edge.RowsAsync()).Select(row => row.ErrorCode));

        var project = (string)(await edge.SendAdminAsync(HttpMethod.Get, "/api/projects"))["projects"]!.AsArray().Single(found => (string?)found!["name"] == "test project")!["id"]!;
        var id = (string)(await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys"))["apiKeys"]![0]!["id"]!;
        await edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/api-keys/{id}", new { revoked = true });
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(edge, key, ScriptedEdge.Chat));
        Assert.Equal(["PROVIDER_ERROR", "MODEL_NOT_FOUND", "INVALID_API_KEY"], (await edge.RowsAsync()).Select(row => row.ErrorCode));
    }

    private static async Task<HttpStatusCode> AskAsync(RunningEdge edge, string key, string body)
    {
        using var response = await edge.PostAsync(key, "/v1/chat/completions", body);
        await response.Content.LoadIntoBufferAsync();
        return response.StatusCode;
    }

    private static async Task<string?> AskAsync(HttpClient http, string body)
    {
        using var response = await http.PostAsync("/v1/chat/completions", RunningEdge.Json(body));
        return response.Header("X-Request-Id");
    }

    /// <summary>The record metrics of one edge.</summary>
    private sealed class WriterMeters : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _pending;
        private long _written;
        private int _transactions;

        public WriterMeters(RunningEdge edge)
        {
            var factory = edge.Services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Name is RecordMeters.PendingName or RecordMeters.WrittenName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            {
                if (instrument.Meter.Scope != factory)
                {
                    return;
                }

                if (instrument.Name == RecordMeters.PendingName)
                {
                    _pending = value;
                }
                else
                {
                    Interlocked.Add(ref _written, value);
                    Interlocked.Increment(ref _transactions);
                }
            });
            _listener.Start();
        }

        public long Written => Volatile.Read(ref _written);

        public int Transactions => Volatile.Read(ref _transactions);

        public long Pending
        {
            get
            {
                _listener.RecordObservableInstruments();
                return _pending;
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
