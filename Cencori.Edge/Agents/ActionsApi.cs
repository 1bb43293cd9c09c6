using System.Globalization;
using System.Text.Json;
using Cencori.Edge.Agents.Shadow;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Agents;

/// <summary><c>GET /v1/agent/actions/poll</c>: returns whether tool calls of an agent in shadow mode have been approved.</summary>
public static class ActionsApi
{
    private const int MaxIds = 100;
    private const int LongestId = 64;

    private static readonly TimeSpan PollAgainAfter = TimeSpan.FromSeconds(2);

    public static void MapActions(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(ShadowRecorder.PollPath, PollAsync).RequireAuthorization(AccessPolicy.Agents);

    private static async Task PollAsync(HttpContext context, RequestLimiter limiter, PendingActions actions, IDatabaseSystem system)
    {
        if (!TryReadIds(context.Request.Query, out var ids))
        {
            await context.Refuse(EdgeError.Invalid(string.Create(CultureInfo.InvariantCulture, $"ids must name 1 to {MaxIds} pending actions, separated by commas."), "ids"));
            return;
        }

        var caller = context.GetCaller()!;
        var agent = Exchange.Of(context).Agent;
        if (!await limiter.TryAcquireAsync(context, caller.Project, tokens: 0, agent))
        {
            return;
        }

        try
        {
            var found = await actions.FindAsync(caller.Project.Id, agent?.Id, ids.FindAll(IsId), context.RequestAborted);
            await RespondAsync(context, actions, found, areAllKnown: found.Count == ids.Count);
        }
        catch (Exception exception) when (system.Explain(exception) is not null)
        {
            await context.Refuse(EdgeError.Unavailable("The edge cannot read pending actions at the moment."));
        }
    }

    private static bool TryReadIds(IQueryCollection query, out List<string> ids)
    {
        ids = [.. query["ids"].SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal)];
        return ids.Count is > 0 and <= MaxIds;
    }

    // Rejects texts that do not have the form of an id, because a database cannot accept every text.
    private static bool IsId(string text) => text.Length <= LongestId && text.StartsWith(PendingActions.IdPrefix, StringComparison.Ordinal) && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    // If an id is unknown, the response says that not all actions are resolved, so that the agent keeps waiting.
    private static async Task RespondAsync(HttpContext context, PendingActions actions, List<PendingActionRecord> found, bool areAllKnown)
    {
        var statuses = found.ConvertAll(actions.StatusOf);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteStartObject("actions");
        foreach (var (action, status) in found.Zip(statuses))
        {
            json.WriteStartObject(action.Id);
            json.WriteString("status", JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString()));
            if (status == ActionStatus.Approved && action.DecidedAt is { } at)
            {
                json.WriteString("approved_at", at);
            }
            else
            {
                json.WriteNull("approved_at");
            }

            json.WriteString("tool", action.Tool);
            if (action.Reason is { } reason)
            {
                json.WriteString("reason", reason);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        var isPending = statuses.Contains(ActionStatus.Pending);
        json.WriteBoolean("all_resolved", areAllKnown && !isPending);
        json.WriteBoolean("any_rejected", statuses.Contains(ActionStatus.Rejected));
        if (isPending)
        {
            json.WriteNumber("retry_after_ms", (long)PollAgainAfter.TotalMilliseconds);
        }

        json.WriteEndObject();
    }
}
