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
/// Checks that a secret key does not grant more than its own permissions when it creates or changes agents and their keys. An administrator has
/// no caller key, and so no limits.
/// </summary>
internal sealed class AgentPrivilegeCheck(CallableModels models, TimeProvider time)
{
    /// <returns>The error if the caller's key does not allow the model. Null: the model is allowed.</returns>
    public EdgeError? CheckModel(Caller? caller, string? model) =>
        model is not null && caller is { Key.AllowedModels: not null }
        && models.Refusal(caller, model) is { Reason: Reasons.ModelNotAllowed } problem
            ? problem with { Param = "config.model" }
            : null;

    /// <exception cref="RefusedException">The caller's key is a test key, and the agent has a valid production key.</exception>
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

    /// <summary>Copies limits of the caller's key to a new key, as far as the request body does not set them.</summary>
    /// <returns>The key to create.</returns>
    /// <exception cref="RefusedException">The key may not be created.</exception>
    public static async Task<NewApiKey> LimitAsync(Caller? caller, EdgeDbContext database, NewApiKey requested)
    {
        if (caller is null)
        {
            return requested;
        }

        // Reads the caller's key from the database, because the cached copy may be stale.
        var maker = await database.ApiKeys.AsNoTracking().SingleOrDefaultAsync(key => key.Id == caller.Key.Id && key.RevokedAt == null)
            ?? throw new RefusedException(PresentedKey.NotValid);
        if (await database.Budgets.AnyAsync(budget => budget.ProjectId == maker.ProjectId && budget.KeyId == maker.Id && budget.MonthlyUsd != null))
        {
            throw new RefusedException(EdgeError.Forbidden("This key has its own budget, which would not apply to a key that it creates. Use another key, or ask an administrator.", Reasons.KeyType));
        }

        if (maker.AllowedModels is { } models && requested.AllowedModels?.Exists(entry => !AllowedModels.IsCovered(entry, models)) == true)
        {
            throw new RefusedException(EdgeError.Forbidden("A key cannot grant models that it does not have. Omit allowed_models to copy the key's own.", Reasons.ModelNotAllowed) with { Param = "allowed_models" });
        }

        if (maker.AllowedCidrs is { } cidrs && requested.AllowedCidrs?.Exists(cidr => !AllowedNetworks.IsCovered(cidr, cidrs)) == true)
        {
            throw new RefusedException(EdgeError.Forbidden("A key cannot grant networks that it does not have. Omit allowed_cidrs to copy the key's own.", Reasons.NetworkNotAllowed) with { Param = "allowed_cidrs" });
        }

        if (requested.ExpiresAt > maker.ExpiresAt)
        {
            throw new RefusedException(EdgeError.Forbidden("A key cannot create a key that expires later than itself. Omit expires_at to use the same expiry.", Reasons.KeyType) with { Param = "expires_at" });
        }

        return requested with
        {
            AllowedModels = requested.AllowedModels ?? maker.AllowedModels,
            AllowedCidrs = requested.AllowedCidrs ?? maker.AllowedCidrs,
            ExpiresAt = requested.ExpiresAt ?? maker.ExpiresAt,
        };
    }
}
