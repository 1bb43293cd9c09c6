using System.Globalization;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Admin;

/// <summary>The logs of a project's requests in the administration API.</summary>
public sealed class LogsApiTests(LogsApiTests.KeepingEdge fixture) : IClassFixture<LogsApiTests.KeepingEdge>
{
    private const string Members =
        "request_id,started_at,project_id,key_id,environment,endpoint,model_asked,model_served,provider,credential_hint,is_stream,status,outcome,error_code,reason,param,message,provider_request_id,prompt_tokens,cached_tokens,"
        + "completion_tokens,is_estimated,cost_usd,first_byte_microseconds,duration_microseconds,edge_microseconds,retries,attempts,client_address,app,agent_id,prompt,prompt_version,route,fallback,affinity,policy,cost_source";

    // The records are of a fixed day, and must not expire on another one.
    private const string Kept = "Usage:RecordRetentionDays=3660";

    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private readonly RunningEdge _edge = fixture.Edge;

    [Theory, OnSqlite, OnPostgres]
    public async Task Pages_have_each_record_once_newest_first_while_others_arrive(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system, Kept);
        var edge = started.Edge;
        var project = await edge.CreateProjectAsync();

        // Three records per millisecond, so that pages end within a millisecond.
        string[] expected = [.. Enumerable.Range(0, 20).Reverse().Select(number => $"req_{number}")];
        foreach (var id in expected.Reverse())
        {
            edge.Records().Write(Some.Record(project, at: Noon.AddMilliseconds(int.Parse(id[4..], CultureInfo.InvariantCulture) / 3), id: id));
        }

        edge.Records().Write(Some.Record("prj_other", at: Noon));
        await edge.StoredAsync();
        var (read, cursor) = (new List<string>(), "");
        do
        {
            var page = await ReadAsync(edge, project, $"?limit=4&cursor={cursor}");
            Assert.InRange(page["requests"]!.AsArray().Count, 1, 4);
            read.AddRange(Ids(page));
            cursor = (string?)page["next_cursor"];
            edge.Records().Write(Some.Record(project, at: Noon.AddHours(1), id: "req_new"));
        }
        while (cursor is not null);

        Assert.Equal(expected, read);
    }

    [Fact]
    public async Task A_record_has_all_members_and_an_unknown_cost_is_null()
    {
        var project = await _edge.CreateProjectAsync();
        _edge.Records().Write(Some.Record(project, at: Noon, cost: 0.000_012_5m));
        _edge.Records().Write(Some.Record(project, RequestOutcome.SuccessFallback, Noon.AddMilliseconds(-1), cost: null));
        await _edge.StoredAsync();

        var response = await ReadAsync(_edge, project);

        var (first, second) = (response["requests"]![0]!, response["requests"]![1]!);
        Assert.Equal(Members.Split(','), first.AsObject().Select(member => member.Key));
        Assert.Equal(("0.0000125", "2026-11-20T12:00:00+00:00", "production"), (first["cost_usd"]!.ToJsonString(), (string?)first["started_at"], (string?)first["environment"]));
        Assert.Equal(("success", "success_fallback"), ((string?)first["outcome"], (string?)second["outcome"]));
        Assert.True(second.AsObject().ContainsKey("cost_usd") && second["cost_usd"] is null);
        Assert.True(response.AsObject().ContainsKey("next_cursor") && response["next_cursor"] is null);
    }

    [Fact]
    public async Task A_request_is_in_the_logs_right_after_its_response()
    {
        var (project, key) = await fixture.CreateAsync(new { });
        using var response = await fixture.ChatAsync(key, headers: [("X-Request-Id", "just-now")]);

        await Eventually.IsTrueAsync(async () => Ids(await ReadAsync(_edge, project)) is ["just-now"]);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task One_request_is_found_by_an_id_of_the_edge_or_of_the_caller(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system, Kept);
        var edge = started.Edge;
        var project = await edge.CreateProjectAsync();
        var created = $"req_{Noon.ToUnixTimeMilliseconds():x12}7abc8def0123456789ab";
        var looksMade = $"req_{Noon.AddDays(-3).ToUnixTimeMilliseconds():x12}7abc8def0123456789ab";
        foreach (var (id, at, app) in new[] { (created, Noon.AddMilliseconds(1), 1), (created, Noon.AddMilliseconds(3), 2), ("mine", Noon.AddDays(-2), 3), ("mine", Noon.AddDays(-1), 4), (looksMade, Noon, 5) })
        {
            edge.Records().Write(Some.Record(project, at: at, id: id, milliseconds: app));
            edge.Records().Write(Some.Record("prj_other", at: at, id: id, milliseconds: 99));
        }

        await edge.StoredAsync();
        Assert.Equal((2, 4, 5), (await FindAsync(created), await FindAsync("mine"), await FindAsync(looksMade)));
        using var unknown = await edge.Admin.GetAsync($"/api/projects/{project}/logs/{created[..^1]}c");
        Assert.Equal(404, (int)unknown.StatusCode);

        async Task<int> FindAsync(string id) =>
            (int)(await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs/{id}"))["record"]!["duration_microseconds"]! / 1_000;
    }

    [Theory]
    [InlineData("", "a,b,c,d,e")]
    [InlineData("status=&model=&key=&from=&to=&cursor=&limit=", "a,b,c,d,e")]
    [InlineData("status=429", "b")]
    [InlineData("status=4xx", "b,c")]
    [InlineData("status=rate_limited", "b")]
    [InlineData("status=error", "d")]
    [InlineData("status=success", "a,e")]
    [InlineData("status=cancelled", "c")]
    [InlineData("model=fast", "a,b,d,e")]
    [InlineData("model=gpt-4o", "a,b,c,e")]
    [InlineData("model=gpt", "")]
    [InlineData("key=key_2", "e")]
    [InlineData("from=2026-11-20T11:59:00Z", "a,b")]
    [InlineData("to=2026-11-20T11:59:00Z", "c,d,e")]
    [InlineData("from=2026-11-20T12:57:00%2B01:00&to=2026-11-20T06:59:00.000-05:00", "c,d")]
    [InlineData("status=2xx&model=gpt-4o&limit=1", "a")]
    public async Task A_filter_returns_only_matching_requests(string query, string expected)
    {
        var project = await _edge.CreateProjectAsync();
        RequestRecord[] records =
        [
            Of("a", 0, 200, RequestOutcome.Success),
            Of("b", 1, 429, RequestOutcome.RateLimited),
            Of("c", 2, 499, RequestOutcome.Cancelled, requested: "slow"),
            Of("d", 3, 200, RequestOutcome.Error, served: "gpt-4o-mini"),
            Of("e", 4, 200, RequestOutcome.Success, key: "key_2"),
        ];
        foreach (var record in records)
        {
            _edge.Records().Write(record);
        }

        await _edge.StoredAsync();
        Assert.Equal(expected, string.Join(',', Ids(await ReadAsync(_edge, project, "?" + query))));

        RequestRecord Of(string id, int minutesAgo, int status, RequestOutcome outcome, string key = "key_1", string requested = "fast", string served = "gpt-4o") => new()
        {
            RequestId = id,
            StartedAt = Noon.AddMinutes(-minutesAgo),
            ProjectId = project,
            KeyId = key,
            Environment = KeyEnvironment.Production,
            Endpoint = "POST /v1/chat/completions",
            ModelAsked = requested,
            ModelServed = served,
            IsStream = false,
            Status = status,
            Outcome = outcome,
            DurationMicroseconds = 1,
            EdgeMicroseconds = 1,
        };
    }

    [Theory]
    [InlineData("status=ok", "status")]
    [InlineData("status=6xx", "status")]
    [InlineData("status=99", "status")]
    [InlineData("status=Success", "status")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=2026-11-20", "from")]
    [InlineData("to=2026-11-20T12:00:00", "to")]
    [InlineData("to=2026-13-20T12:00:00Z", "to")]
    [InlineData("cursor=AAAA", "cursor")]
    [InlineData("cursor=_____________________w", "cursor")]
    [InlineData("cursor=%20%20%2B%2B", "cursor")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("stauts=429", "stauts")]
    public async Task A_bad_parameter_is_refused_and_named(string query, string parameter)
    {
        using var response = await _edge.Admin.GetAsync($"/api/projects/{fixture.ProjectId}/logs?{query}");
        var refusal = await response.ErrorAsync();

        Assert.Equal((400, "INVALID_REQUEST", parameter), (refusal.Status, refusal.Code, refusal.Param));
    }

    [Fact]
    public async Task Logs_of_an_unknown_project_get_404()
    {
        using var response = await _edge.Admin.GetAsync("/api/projects/nope/logs");
        Assert.Equal((404, "NOT_FOUND"), ((int)response.StatusCode, (await response.ErrorAsync()).Code));
    }

    private static Task<JsonNode> ReadAsync(RunningEdge edge, string project, string query = "") =>
        edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs{query}");

    private static string[] Ids(JsonNode page) => [.. page["requests"]!.AsArray().Select(request => (string)request!["request_id"]!)];

    public sealed class KeepingEdge : RespondingEdge
    {
        protected override IEnumerable<string> Settings => [Kept];
    }
}
