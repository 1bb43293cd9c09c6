using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Agents;

/// <summary>
/// Holds a project's key to its own limits where it makes or changes agents and their keys: nobody gets more by them than they have. An
/// administrator, who is no caller, has no limits.
/// </summary>
internal sealed class AgentPrivilegeCheck(CallableModels models, TimeProvider time)
{
    /// <returns>Null, or why this model may not become an agent's.</returns>
    public EdgeError? CheckModel(Caller? caller, string? model) =>
        model is not null && caller is { Key.AllowedModels: not null }
        && models.Refusal(caller, model) is { Reason: Reasons.ModelNotAllowed } problem
            ? problem with { Param = "config.model" }
            : null;

    /// <exception cref="RefusedException">The agent may not be changed or deleted.</exception>
    public async Task CheckChangeAsync(Caller? caller, EdgeDbContext database, AgentRecord agent)
    {
        if (caller?.Key.Environment != KeyEnvironment.Test)
        {
            return;
        }

        var now = time.GetUtcNow();
        if (await database.ApiKeys.AnyAsync(key => key.ProjectId == agent.ProjectId && key.AgentId == agent.Id && key.Environment == KeyEnvironment.Production
            && key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now)))
        {
            throw new RefusedException(EdgeError.Forbidden("The agent has production keys, and a test key may not change or delete it. Use a production key.", Reasons.KeyType));
        }
    }

    /// <summary>Gives a new key what its maker is limited to, as far as it does not say so itself.</summary>
    /// <returns>The key as it is to be made.</returns>
    /// <exception cref="RefusedException">It may not be made.</exception>
    public static async Task<NewApiKey> LimitAsync(Caller? caller, EdgeDbContext database, NewApiKey wanted)
    {
        if (caller is null)
        {
            return wanted;
        }

        // As it is now: what the request knows of it may be a moment old.
        var maker = await database.ApiKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == caller.Key.Id && key.RevokedAt == null)
            ?? throw new RefusedException(PresentedKey.NotValid);
        if (await database.Budgets.AnyAsync(budget => budget.ProjectId == maker.ProjectId && budget.KeyId == maker.Id))
        {
            throw new RefusedException(EdgeError.Forbidden("This key has a budget of its own, which would not hold for a key that it makes. Use another key, or let an administrator make it.", Reasons.KeyType));
        }

        if (maker.AllowedModels is { } models && wanted.AllowedModels?.Exists(entry => !AllowedModels.IsCovered(entry, models)) == true)
        {
            throw new RefusedException(EdgeError.Forbidden("A key gives the keys that it makes no models but its own. Leave allowed_models away for the same.", Reasons.ModelNotAllowed) with { Param = "allowed_models" });
        }

        if (maker.AllowedCidrs is { } cidrs && wanted.AllowedCidrs?.Exists(cidr => !AllowedNetworks.IsCovered(cidr, cidrs)) == true)
        {
            throw new RefusedException(EdgeError.Forbidden("A key gives the keys that it makes no networks but its own. Leave allowed_cidrs away for the same.", Reasons.NetworkNotAllowed) with { Param = "allowed_cidrs" });
        }

        if (wanted.ExpiresAt > maker.ExpiresAt)
        {
            throw new RefusedException(EdgeError.Forbidden("A key makes no keys that are valid for longer than it is. Leave expires_at away for as long.", Reasons.KeyType) with { Param = "expires_at" });
        }

        return wanted with
        {
            AllowedModels = wanted.AllowedModels ?? maker.AllowedModels,
            AllowedCidrs = wanted.AllowedCidrs ?? maker.AllowedCidrs,
            ExpiresAt = wanted.ExpiresAt ?? maker.ExpiresAt,
        };
    }
}
