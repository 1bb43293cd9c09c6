using System.Reflection;
using System.Text.Json.Nodes;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Records;

/// <summary>The list of the columns of a record.</summary>
public sealed class RecordColumnsTests
{
    [Fact]
    public void Every_member_of_a_record_is_listed_once_with_a_unique_tag()
    {
        // CostUsd is listed as Picodollars.
        var members = typeof(RequestRecord).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).Where(name => name != nameof(RequestRecord.CostUsd));

        Assert.Equal(members.Order(), RecordColumns.All.Select(column => column.Name).Order());
        Assert.Equal(RecordColumns.All.Count, RecordColumns.All.Select(column => column.Tag).Distinct().Count());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Attempts_are_stored_and_returned_unchanged(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var project = await edge.CreateProjectAsync();
        var record = Some.Record(project, at: DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123));
        record.Attempts =
        [
            new() { Number = 1, Target = "openai/gpt-4o", CredentialHint = "abcd", Started = 120, HeadUs = 30_000, Outcome = "rate_limited", Status = 429, HintMs = 2_000 },
            new() { Number = 2, Target = new string('"', 300), Started = 31_000, Outcome = "uncertain", CostUsd = 0.000_012_5m, Estimated = true },
        ];
        edge.Records().Write(record);
        edge.Records().Write(Some.Record(project));
        await Eventually.IsTrueAsync(async () => (await edge.RowsAsync()).Count == 2);

        Assert.Equivalent(record, (await edge.RowsAsync())[0], strict: true);
        var reported = (await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs"))["requests"]!.AsArray();
        Assert.Equal(
            """{"t":1,"target":"openai/gpt-4o","credential_hint":"abcd","started":120,"head_us":30000,"outcome":"rate_limited","status":429,"cost_usd":null,"estimated":false,"hint_ms":2000}""",
            reported.Select(request => request!["attempts"]).OfType<JsonArray>().Single()[0]!.ToJsonString());
        Assert.Single(reported, request => request!.AsObject().ContainsKey("attempts") && request["attempts"] is null);
    }

    [Fact]
    public void Attempts_beyond_the_limit_are_dropped()
    {
        var record = Some.Record();
        record.Attempts = [.. Enumerable.Range(1, 20).Select(number => new RequestAttempt { Number = number, Target = "t", Started = 0, Outcome = "refused" })];
        var column = RecordColumns.All.Single(column => column.Name == nameof(RequestRecord.Attempts));
        column.Set(record, column.Get(record));

        Assert.Equal(Enumerable.Range(1, RequestAttempt.Max), record.Attempts.Select(attempt => attempt.Number));
    }

    [Fact]
    public void A_request_id_round_trips_and_one_made_by_the_edge_takes_sixteen_bytes()
    {
        var hex = Gen.Char["0123456789abcdefABCDEF"];
        var digits = Gen.Char["0123456789abcdef"];
        Gen.OneOf(Gen.String, hex.Array[32].Select(id => "req_" + new string(id)), digits.Array[32].Select(id => "req_" + new string(id)), Gen.String[Gen.Char[' ', '~'], 16, 16]).Sample(
            id => Assert.Equal(RecordText.Keep(id), PackedRequestId.Unpack(PackedRequestId.Pack(id))));
        Gen.Long[0, 4_000_000_000_000].Sample(milliseconds => Assert.Equal(16, PackedRequestId.Pack($"req_{milliseconds:x12}7abc8def0123456789ab").Length));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Numbers_too_large_for_a_column_are_stored_as_its_maximum(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var record = Some.Record();
        (record.PromptTokens, record.Status) = (long.MaxValue, int.MaxValue);
        started.Edge.Records().Write(record);
        await Eventually.IsTrueAsync(async () => (await started.Edge.RowsAsync()).Count == 1);

        var row = Assert.Single(await started.Edge.RowsAsync());
        Assert.Equal((int.MaxValue, short.MaxValue), (row.PromptTokens, row.Status));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Concurrent_edges_agree_on_the_numbers_of_texts(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            using var store = new RecordStore(edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>(), TimeProvider.System);
            var keys = Enumerable.Range(0, 1_200).ToArray();
            new Random(number).Shuffle(keys);
            await store.WriteAsync(store.WriterId, keys.Select((key, index) => new PendingRecord(Some.Record(id: $"of key_{key}", key: $"key_{key}"), index + 1, HasRow: true)).ToArray(), default);
        })));

        var rows = await edge.RowsAsync();
        Assert.Equal(4 * 1_200, rows.Count);
        Assert.All(rows, row => Assert.Equal("of " + row.KeyId, row.RequestId));
    }
}
