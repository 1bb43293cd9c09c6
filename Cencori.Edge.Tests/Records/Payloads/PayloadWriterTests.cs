using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Records.Payloads;

public sealed class PayloadWriterTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task A_payload_is_stored_sealed_and_deleted_after_a_week(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var writer = edge.Services.GetRequiredService<PayloadWriter>();
        var project = await edge.CreateProjectAsync();
        RequestRecord[] records = [Some.Record(project, id: "old", at: Some.Now.AddDays(-8)), Some.Record(project, id: "new", at: Some.Now.AddDays(-6))];
        foreach (var record in records)
        {
            writer.Write(record, SomePayload());
            edge.Records().Write(record);
        }

        await Task.WhenAll(writer.FlushAsync(), edge.StoredAsync());
        Assert.Equal(new Payload("question", "answer", false, false), await OpenAsync(edge, records[0]));
        Assert.All(await edge.ReadAsync(database => database.Payloads.ToListAsync()), row => Assert.Equal(-1, row.SealedRequest.AsSpan().IndexOf("question"u8)));

        await edge.Services.GetRequiredService<Retention>().DeleteAsync(default);

        Assert.Equal(2, (await edge.RowsAsync()).Count);
        Assert.Equal(Payload.None, await OpenAsync(edge, records[0]));
        Assert.Equal(new Payload("question", "answer", false, false), await OpenAsync(edge, records[1]));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Payloads_of_a_deleted_project_are_deleted_also_those_stored_later(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var stored = edge.Services.GetRequiredService<StoredPayloads>();
        var (kept, gone) = (await edge.CreateProjectAsync(), await edge.CreateProjectAsync());
        foreach (var project in new[] { "prj_0", kept, gone, "prj_zzz" })
        {
            await stored.WriteAsync(Enumerable.Range(0, 40).Select(number => (Some.Record(project, id: $"req_{number}"), SomePayload())));
        }

        await edge.SendAdminAsync(HttpMethod.Delete, "/api/projects/" + gone);
        Assert.Equal(120, await edge.ReadAsync(database => database.Payloads.CountAsync()));
        await stored.WriteAsync([(Some.Record(gone, id: "late"), SomePayload())]);

        await edge.Services.GetRequiredService<Retention>().DeleteAsync(default);

        Assert.Equal([kept], await edge.ReadAsync(database => database.Payloads.Select(row => row.ProjectId).Distinct().ToListAsync()));
        Assert.Equal(40, await edge.ReadAsync(database => database.Payloads.CountAsync()));
    }

    [Fact]
    public async Task A_payload_that_is_moved_to_another_request_does_not_open_there()
    {
        await using var edge = await RunningEdge.StartAsync();
        var writer = edge.Services.GetRequiredService<PayloadWriter>();
        var (mine, other) = (Some.Record(id: "mine"), Some.Record(id: "other"));
        writer.Write(mine, SomePayload());
        await writer.FlushAsync();
        await edge.ReadAsync(database => database.Payloads.ExecuteUpdateAsync(row => row.SetProperty(payload => payload.RequestId, "other").SetProperty(payload => payload.StartedAt, other.StartedAt)));

        Assert.Equal(Payload.None, await OpenAsync(edge, other));
        Assert.Contains(edge.Logs.Lines, line => line.EventName == "CannotOpenPayload");
    }

    [Fact]
    public async Task A_full_queue_drops_payloads_with_one_log_line()
    {
        await using var edge = await RunningEdge.StartAsync();

        // Never started, so that nothing leaves the queue.
        using var writer = ActivatorUtilities.CreateInstance<PayloadWriter>(edge.Services);
        for (var number = 0; number < 1_000; number++)
        {
            writer.Write(Some.Record(), SomePayload());
        }

        Assert.Single(edge.Logs.Lines, line => line.Text.Contains("Payloads of requests are dropped", StringComparison.Ordinal));
    }

    private static PayloadCopy SomePayload()
    {
        var payload = new PayloadCopy();
        payload.SetRequest("question"u8);
        payload.Begin(isText: true);
        payload.Read("answer"u8);
        return payload;
    }

    private static Task<Payload> OpenAsync(RunningEdge edge, RequestRecord record) =>
        edge.ReadAsync(database => edge.Services.GetRequiredService<StoredPayloads>().ReadAsync(database, record, default));
}
