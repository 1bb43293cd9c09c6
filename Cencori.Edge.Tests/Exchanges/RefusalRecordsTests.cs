using Cencori.Edge.Keys;
using Cencori.Edge.Records;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Exchanges;

/// <summary>The record of a rejected request has the same error as the caller got, to answer "why was this refused yesterday?".</summary>
public sealed class RefusalRecordsTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    private static readonly string[] OneModel = ["gpt-4o-mini"];

    [Theory]
    [InlineData("model", 403, "model_not_allowed", "model")]
    [InlineData("path", 403, "model_not_allowed", "model")]
    [InlineData("requests", 429, null, "requests")]
    [InlineData("tokens", 429, null, "tokens")]
    [InlineData("budget", 402, null, "monthly_budget_usd")]
    [InlineData("key budget", 402, null, "monthly_budget_usd")]
    [InlineData("field", 400, null, "max_tokens")]
    [InlineData("unknown model", 404, null, "model")]
    public async Task A_record_has_the_reason_param_and_message_of_the_error(string why, int status, string? reason, string? param)
    {
        var (project, key) = await scene.CreateAsync(why == "requests" ? new { requests_per_minute = 1 } : why == "tokens" ? new { tokens_per_minute = 1 } : (object)new { });
        if (why is "model" or "path")
        {
            key = await scene.Edge.CreateKeyAsync(project, more: new { allowed_models = OneModel });
        }

        if (why.EndsWith("budget", StringComparison.Ordinal))
        {
            var place = why == "budget" ? "" : $"/api-keys/{(string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys"))["apiKeys"]![0]!["id"]!}";
            await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}{place}/budget", """{"monthly_budget_usd":0.0000001}""");
        }

        if (why == "requests")
        {
            using var first = await scene.ChatAsync(key);
        }

        using var response = why == "path"
            ? await scene.Edge.SendAsync(key, HttpMethod.Delete, "/v1/models/gpt-4o")
            : await scene.ChatAsync(key, why switch
            {
                "field" => """{"model":"gpt-4o","messages":[],"max_tokens":"many"}""",
                "unknown model" => ScriptedEdge.ChatOf("no-such-model"),
                _ => ScriptedEdge.Chat,
            });
        var reported = await response.ErrorAsync();
        var record = await scene.Edge.RowAsync(row => row.ProjectId == project && row.Status != 200);

        Assert.Equal((status, reason, param), (reported.Status, reported.Reason, reported.Param));
        Assert.Equal((status, reason, param, reported.Message), (record.Status, record.Reason, record.Param, record.Message));
        Assert.Equal(why.Contains("budget", StringComparison.Ordinal), record.Message!.Contains(why == "budget" ? "project's budget" : "key's budget", StringComparison.Ordinal));
        var log = (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs"))["requests"]![0]!;
        Assert.Equal((reason, param, reported.Message), ((string?)log["reason"], (string?)log["param"], (string?)log["message"]));
    }

    [Theory]
    [InlineData("key_revoked")]
    [InlineData("key_expired")]
    public async Task A_revoked_or_expired_key_leaves_a_record_with_its_id(string reason)
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        var key = await scene.Edge.CreateKeyAsync(project);
        var id = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys"))["apiKeys"]![0]!["id"]!;
        if (reason == "key_revoked")
        {
            await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/api-keys/{id}", new { revoked = true });
        }
        else
        {
            // The administration API accepts no expiry in the past.
            await scene.Edge.ReadAsync(database => database.ApiKeys.Where(row => row.Id == id).ExecuteUpdateAsync(row => row.SetProperty(its => its.ExpiresAt, DateTimeOffset.UnixEpoch)));
            await scene.Edge.Services.GetRequiredService<KeyCache>().InvalidateAsync(KeyHash.Of(key));
        }

        using var response = await scene.ChatAsync(key);
        var reported = await response.ErrorAsync();
        var record = await scene.Edge.RowAsync(row => row.ProjectId == project);

        Assert.Equal((401, "The API key is not valid.", null), (reported.Status, reported.Message, reported.Reason));
        Assert.Equal((401, "INVALID_API_KEY", reason, id, reported.Message), (record.Status, record.ErrorCode, record.Reason, record.KeyId, record.Message));
        Assert.Equal((RequestOutcome.Error, null, null), (record.Outcome, record.Provider, record.CostUsd));
        Assert.Equal(reason, (string?)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs?key={id}"))["requests"]![0]!["reason"]);
    }

    [Fact]
    public async Task A_key_in_the_model_field_appears_in_no_record()
    {
        var (project, key) = await scene.CreateAsync(new { });
        using var response = await scene.ChatAsync(key, ScriptedEdge.ChatOf(key));
        var record = await scene.Edge.RowAsync(row => row.ProjectId == project);

        Assert.Equal(404, record.Status);
        Assert.DoesNotContain(key, record.Message + record.ModelAsked + record.Param, StringComparison.Ordinal);
    }

    [Fact]
    public void Refusals_of_revoked_and_expired_keys_are_sampled()
    {
        var rows = new RefusalSampler();
        var record = Some.Record(outcome: RequestOutcome.Error, at: DateTimeOffset.UnixEpoch, model: null);
        (record.ErrorCode, record.Status, record.Provider) = ("INVALID_API_KEY", 401, null);

        Assert.Equal(RefusalSampler.PerSecond, Enumerable.Range(0, 1_000).Count(_ => rows.Keeps(record)));
    }
}
