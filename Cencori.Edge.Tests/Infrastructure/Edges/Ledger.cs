using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>Asserts that all counters of a project's money agree.</summary>
internal static class Ledger
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Gives a project, or one of its keys, a budget, so that there are counters to compare. The default is too high to refuse anything.</summary>
    public static Task<JsonNode> SetBudgetAsync(this RunningEdge edge, string projectId, decimal usd = 100_000, string? keyId = null) =>
        edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{projectId}{(keyId is null ? "" : $"/api-keys/{keyId}")}/budget", new { monthly_budget_usd = usd });

    /// <summary>Call when no request runs any more. Waits for pending work: a reconnect to Redis, a spool that is being stored.</summary>
    public static Task<JsonNode> AssertLedgerClosesAsync(this RunningEdge edge, string projectId, string? month = null, bool mayCountMore = false) =>
        edge.Admin.AssertLedgerClosesAsync(projectId, month, mayCountMore);

    /// <param name="admin">Sends the admin token to an edge.</param>
    /// <param name="projectId">The project.</param>
    /// <param name="month">Null: the current month.</param>
    /// <param name="mayCountMore">A budget's counter may exceed the spending, for example after Redis has lost its data.</param>
    /// <returns>The response.</returns>
    public static async Task<JsonNode> AssertLedgerClosesAsync(this HttpClient admin, string projectId, string? month = null, bool mayCountMore = false)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var response = await admin.GetAsync($"/api/projects/{projectId}/verify{(month is null ? "" : $"?month={month}")}");
            var text = await response.Content.ReadAsStringAsync();
            var isOver = TimeProvider.System.GetElapsedTime(started) > Eventually.Timeout;
            Assert.True(response.IsSuccessStatusCode || !isOver, $"{(int)response.StatusCode} {text}");
            if (response.IsSuccessStatusCode && JsonNode.Parse(text)! is var sheet && (IsClosed(sheet, mayCountMore) || isOver))
            {
                Assert.True(IsClosed(sheet, mayCountMore), Describe(sheet));
                return sheet;
            }

            await Task.Delay(BetweenLooks, TimeProvider.System);
        }
    }

    /// <summary>One number of a response as JSON text. Null: not present.</summary>
    public static string? Number(this JsonNode sheet, string of, string source, string unit = "usd", string member = "value") =>
        sheet["lines"]!.AsArray().SingleOrDefault(line => (string?)line!["of"] == of && (string?)line["source"] == source && (string?)line["unit"] == unit)?[member]?.ToJsonString();

    // Reservations are released when their requests end.
    private static bool IsClosed(JsonNode sheet, bool mayCountMore)
    {
        var lines = sheet["lines"]!.AsArray();
        return lines.All(line => (string?)line!["source"] != "in_flight" || (decimal?)line["value"] is null or 0)
            && ((bool)sheet["is_closed"]! || (mayCountMore && lines.All(line => (decimal?)line!["difference"] is null or 0 || ((string?)line["source"] is "counter" or "redis" && (decimal?)line["difference"] > 0))));
    }

    private static string Describe(JsonNode sheet) => "The ledger does not close.\n" + string.Join('\n', sheet["lines"]!.AsArray().Select(line => line!.ToJsonString())) + "\n" + sheet["notes"]!.ToJsonString(Indented);
}
