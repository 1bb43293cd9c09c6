using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Admin.Providers;

/// <summary>Models that a project uses and whose cost is unknown.</summary>
public sealed class UnpricedModelsTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Models_without_a_cost_in_the_last_30_days_are_listed_the_most_used_first(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var project = await edge.CreateProjectAsync();
        var hour = DateTimeOffset.FromUnixTimeSeconds(Some.Now.ToUnixTimeSeconds() / 3_600 * 3_600);
        RequestRecord[] records =
        [
            Some.Record(project, at: hour, model: "gpt-next", cost: null),
            Some.Record(project, at: hour.AddHours(-30), model: "gpt-often", cost: null),
            Some.Record(project, at: hour.AddHours(-20), model: "gpt-often", cost: null, environment: KeyEnvironment.Test),
            Some.Record(project, at: hour, model: "gpt-often", cost: 1),
            Some.Record(project, at: hour, model: "gpt-priced", cost: 0),
            Some.Record(project, at: hour, model: null, cost: null),
            Some.Record(project, at: hour.AddDays(-31), model: "gpt-old", cost: null),
            Some.Record("prj_other", at: hour, model: "gpt-other", cost: null),
        ];
        foreach (var record in records)
        {
            edge.Records().Write(record);
        }

        await edge.StoredAsync();
        var response = await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/prices");

        Assert.Equal(
            $$"""[{"provider":"openai","model":"gpt-often","requests":2,"last_seen":"{{hour.AddHours(-20):yyyy-MM-ddTHH:mm:sszzz}}"},{"provider":"openai","model":"gpt-next","requests":1,"last_seen":"{{hour:yyyy-MM-ddTHH:mm:sszzz}}"}]""",
            response["unpriced"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }
}
