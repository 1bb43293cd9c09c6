using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>The limits of a project, or of one of its agents, read and replaced as a whole. Null is unlimited.</summary>
public static class RateLimitsApi
{
    // The limiter counts in parts of 600 million to the permit, in 64 bits.
    private const long Max = 1_000_000_000;

    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/rate-limits", GetAsync);
        projects.MapPut("/{projectId}/rate-limits", ReplaceAsync);
        projects.MapGet("/{projectId}/agents/{agentId}/rate-limits", GetOfAgentAsync);
        projects.MapPut("/{projectId}/agents/{agentId}/rate-limits", ReplaceOfAgentAsync);
    }

    private static async Task GetAsync(HttpContext context, string projectId, IDbContextFactory<EdgeDbContext> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        if (await ProjectsApi.FindAsync(context, database, projectId) is { } row)
        {
            await AnswerAsync(context, Of(row));
        }
    }

    private static async Task GetOfAgentAsync(HttpContext context, string projectId, string agentId, IDbContextFactory<EdgeDbContext> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        if (await AgentEditor.FindAsync(context, database, projectId, agentId) is { } row)
        {
            await AnswerAsync(context, Of(row));
        }
    }

    private static async Task ReplaceAsync(HttpContext context, string projectId, Changes changes, ProjectCache cache)
    {
        if (await ReadAsync(context) is not { } limits)
        {
            return;
        }

        var replaced = await changes.MakeToProjectAsync(context, projectId, async (_, row) =>
        {
            if (!await context.ExpectsAsync(EntityTags.Of(Of(row))))
            {
                return null;
            }

            row.RequestsPerMinute = limits.RequestsPerMinute;
            row.Burst = limits.Burst;
            row.TokensPerMinute = limits.TokensPerMinute;
            row.ConcurrentRequests = limits.ConcurrentRequests;
            return limits;
        });
        if (replaced is not null)
        {
            await cache.InvalidateAsync(projectId);
            await AnswerAsync(context, replaced);
        }
    }

    private static async Task ReplaceOfAgentAsync(HttpContext context, string projectId, string agentId, Changes changes, ProjectCache cache)
    {
        if (await ReadAsync(context) is not { } limits)
        {
            return;
        }

        var replaced = await changes.MakeToProjectAsync(context, projectId, async (database, _) =>
        {
            if (await AgentEditor.FindAsync(context, database, projectId, agentId) is not { } row || !await context.ExpectsAsync(EntityTags.Of(Of(row))))
            {
                return null;
            }

            row.RequestsPerMinute = limits.RequestsPerMinute;
            row.Burst = limits.Burst;
            row.TokensPerMinute = limits.TokensPerMinute;
            row.ConcurrentRequests = limits.ConcurrentRequests;
            return limits;
        });
        if (replaced is not null)
        {
            await cache.InvalidateAsync(projectId);
            await AnswerAsync(context, replaced);
        }
    }

    private static async Task<RateLimits?> ReadAsync(HttpContext context)
    {
        if (await context.ReadBodyAsync<Replacement>() is not { } body)
        {
            return null;
        }

        var limits = body.ToLimits();
        if (Check(limits) is not { } problem)
        {
            return limits;
        }

        await context.Refuse(problem);
        return null;
    }

    private static RateLimits Of(AgentRecord row) => new(row.RequestsPerMinute, row.Burst, row.TokensPerMinute, row.ConcurrentRequests);

    private static RateLimits Of(ProjectRecord row) => new(row.RequestsPerMinute, row.Burst, row.TokensPerMinute, row.ConcurrentRequests);

    private static Task AnswerAsync(HttpContext context, RateLimits limits) => context.AnswerAsync(StatusCodes.Status200OK, limits, EntityTags.Of(limits));

    private static EdgeError? Check(RateLimits limits)
    {
        var fields = new (string Name, long? Value)[]
        {
            ("requests_per_minute", limits.RequestsPerMinute),
            ("burst", limits.Burst),
            ("tokens_per_minute", limits.TokensPerMinute),
            ("concurrent_requests", limits.ConcurrentRequests),
        };
        foreach (var (name, value) in fields)
        {
            if (value is < 1 or > Max)
            {
                return EdgeError.Invalid($"{name} is 1 to {Max}, or null for unlimited.", name);
            }
        }

        return limits is { Burst: not null, RequestsPerMinute: null }
            ? EdgeError.Invalid("burst without requests_per_minute has nothing to refill it.", "burst")
            : null;
    }

    /// <summary>All but burst must be there: a limit that is left out must not silently become none.</summary>
    private sealed record Replacement
    {
        public required long? RequestsPerMinute { get; init; }

        public long? Burst { get; init; }

        public required long? TokensPerMinute { get; init; }

        public required long? ConcurrentRequests { get; init; }

        public RateLimits ToLimits() => new(RequestsPerMinute, Burst ?? RequestsPerMinute, TokensPerMinute, ConcurrentRequests);
    }
}
