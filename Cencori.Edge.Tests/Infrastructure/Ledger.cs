using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>Whether whatever counts a project's money has come to the same.</summary>
internal static class Ledger
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Gives a project, or one of its keys, a budget, so that there are counters to compare; by itself one that refuses nothing.</summary>
    public static Task<JsonNode> SetBudgetAsync(this RunningEdge edge, string projectId, decimal usd = 100_000, string? keyId = null) =>
        edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{projectId}{(keyId is null ? "" : $"/api-keys/{keyId}")}/budget", new { monthly_budget_usd = usd });

    /// <summary>To be called when no request runs any more. Waits for what is on its way: a Redis that is found back, a spool that is stored.</summary>
    public static Task<JsonNode> AssertLedgerClosesAsync(this RunningEdge edge, string projectId, string? month = null, bool mayCountMore = false) =>
        edge.Admin.AssertLedgerClosesAsync(projectId, month, mayCountMore);

    /// <param name="admin">Sends the admin token to an edge.</param>
    /// <param name="projectId">Whose.</param>
    /// <param name="month">Null: the present one.</param>
    /// <param name="mayCountMore">A budget's counter may be above what was spent, as after a Redis that has lost its memory.</param>
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

    /// <summary>One number of a response, as it is written there; null: not held, or there is no such line.</summary>
    public static string? Number(this JsonNode sheet, string of, string source, string unit = "usd", string member = "value") =>
        sheet["lines"]!.AsArray().SingleOrDefault(line => (string?)line!["of"] == of && (string?)line["source"] == source && (string?)line["unit"] == unit)?[member]?.ToJsonString();

    // What requests have set aside is free again as soon as they have ended.
    private static bool IsClosed(JsonNode sheet, bool mayCountMore)
    {
        var lines = sheet["lines"]!.AsArray();
        return lines.All(line => (string?)line!["source"] != "in_flight" || (decimal?)line["value"] is null or 0)
            && ((bool)sheet["is_closed"]! || (mayCountMore && lines.All(line => (decimal?)line!["difference"] is null or 0 || ((string?)line["source"] is "counter" or "redis" && (decimal?)line["difference"] > 0))));
    }

    private static string Describe(JsonNode sheet) => "The ledger does not close.\n" + string.Join('\n', sheet["lines"]!.AsArray().Select(line => line!.ToJsonString())) + "\n" + sheet["notes"]!.ToJsonString(Indented);
}
