using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Admin.Routes;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>The stored state of a project in the form of a configuration document, with ETags that detect later changes.</summary>
/// <param name="Id">Id of the project. Empty: the project does not exist, and the document has the defaults of a new project.</param>
/// <param name="Document">The project in document form. Secrets are replaced by references.</param>
/// <param name="Tags">ETags of the objects, by path in the document. The empty path is the project itself.</param>
/// <param name="InactiveKeys">Revoked, replaced and expired API keys, which the document omits.</param>
internal sealed record CurrentProject(string Id, JsonObject Document, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<InactiveKey> InactiveKeys);

/// <param name="Members">Members of the key in document form.</param>
/// <param name="Reason">Why the key no longer works, such as <c>is revoked</c>.</param>
/// <param name="IsReplaced">True: a rotation replaced the key.</param>
internal sealed record InactiveKey(JsonObject Members, string Reason, bool IsReplaced);

/// <summary>Reads the stored configuration as a document.</summary>
internal sealed class CurrentState(Editors editors, IDbContextFactory<EdgeDbContext> contexts, SecretSealer sealer, TimeProvider time)
{
    public const string ApiKey = "apiKey";
    public const string WebhookSecret = "webhook_secret";
    public const string WebhookUrl = "webhook_url";
    public const string PolicySecret = "secret";

    private static readonly string[] OfProject = ["slug", "name", "default_model", "default_provider", "model_aliases", "log_payloads"];
    private static readonly string[] OfNetworking = ["access_mode", "allowed_cidrs"];
    private static readonly string[] OfBudget = ["monthly_budget_usd", "enforce", "alerts", "unpriced", WebhookUrl];
    private static readonly string[] OfCredential = ["provider", "environment", "name", "baseUrl", "weight", "rank", "models", "enabled", "limits"];
    private static readonly string[] OfAgent = ["id", "name", "description", "is_active", "shadow_mode", "config"];
    private static readonly string[] OfKey = ["id", "name", "key_type", "environment", "allowed_domains", "allowed_models", "allowed_cidrs", "expires_at", "agent_id"];

    public async Task<JsonObject> ReadAsync(CancellationToken cancellation)
    {
        var projects = new JsonArray();
        foreach (var project in await editors.Projects.ListAsync())
        {
            projects.Add((await ReadAsync(project, cancellation)).Document);
        }

        return new() { ["version"] = ConfigurationApply.Version, ["projects"] = projects };
    }

    /// <param name="slug">Slug of the project. For an unknown slug, the result has the defaults of a new project.</param>
    /// <param name="cancellation">Cancellation of the request.</param>
    public async Task<CurrentProject> ReadAsync(string slug, CancellationToken cancellation)
    {
        var found = (await editors.Projects.ListAsync()).Find(project => project.Slug == slug);
        return found is null ? new("", New(slug), new Dictionary<string, string>(), []) : await ReadAsync(found, cancellation);
    }

    // Runs one query per kind of object, and not one per object.
    private async Task<CurrentProject> ReadAsync(ProjectView found, CancellationToken cancellation)
    {
        var budgets = await editors.Budgets.ListAsync(found.Id, cancellation);
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        var project = Take(tags, "", await editors.Projects.GetAsync(found.Id));
        var document = Members(project, OfProject);
        document["networking"] = Members(Take(tags, "networking", await editors.Networks.GetAsync(found.Id)), OfNetworking);
        document["policies"] = PoliciesAsCode.Of(Take(tags, "policies", await editors.Policies.GetAsync(found.Id)).Document, found.Slug);
        document["rate_limits"] = Json(Take(tags, "rate_limits", await editors.Limits.GetAsync(found.Id, null)));
        document["budget"] = BudgetOf(budgets, tags, "budget", BudgetTarget.OfProject(found.Id), found.Slug);
        document["prices"] = Prices(Take(tags, "prices", await editors.Prices.GetStoredAsync(found.Id, cancellation)));
        document["provider_keys"] = Credentials(await editors.Credentials.ListTaggedAsync(found.Id), tags);
        document["routes"] = Routes(await editors.Routes.ListAsync(found.Id), tags);
        document["agents"] = await AgentsAsync(found, budgets, tags, cancellation);
        document["prompts"] = await PromptsAsync(found.Id, tags);
        var keys = (await editors.Keys.ListTaggedAsync(found.Id)).ToLookup(key => IsInactive(key.Value));
        document["api_keys"] = Keys(found, keys[false], budgets, tags);
        return new(found.Id, document, tags, [.. keys[true].Select(key => key.Value).Select(view => new InactiveKey(Members(view, OfKey), view.Revoked ? "is revoked" : view.ReplacedBy is not null ? "was replaced" : "has expired", view.ReplacedBy is not null))]);
    }

    /// <summary>True if <paramref name="secret"/> equals the stored secret of the credential or budget.</summary>
    public async Task<bool> IsAsync(string projectId, CredentialRef credential, string secret) =>
        await editors.Credentials.FindAsync(projectId, credential) is { } row && sealer.Open(row.SealedKey, row.SealKeyId, CredentialSeals.OwnerOf(row)) == secret;

    /// <inheritdoc cref="IsAsync(string, CredentialRef, string)"/>
    public async Task<bool> IsAsync(BudgetTarget target, string secret)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return await database.Budgets.FindAsync(target.ProjectId, target.KeyId) is { SealedSecret: { } stored } row && sealer.Open(stored, row.SealKeyId!, Budget.OwnerOf(row)) == secret;
    }

    /// <summary>Reads the whole URL of a budget's webhook. A document shows only the URL's origin.</summary>
    public async Task<string?> WebhookUrlAsync(BudgetTarget target)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return (await database.Budgets.FindAsync(target.ProjectId, target.KeyId))?.WebhookUrl;
    }

    /// <summary>Converts a route to document form.</summary>
    public static JsonObject RouteOf(RouteDocument route) => Json(route);

    public static JsonArray Prices(List<ModelPrice> prices) => new([.. prices.Select(price => JsonSerializer.SerializeToNode(price, PriceRules.Json))]);

    private static JsonObject New(string slug) => new()
    {
        ["slug"] = slug,
        ["name"] = null,
        ["default_model"] = null,
        ["default_provider"] = null,
        ["model_aliases"] = new JsonObject(),
        ["log_payloads"] = false,
        ["networking"] = Members(new NetworkingView(AccessMode.Public, []), OfNetworking),
        ["policies"] = PoliciesAsCode.Of(PolicyDocument.None, slug),
        ["rate_limits"] = Json(RateLimits.Default),
        ["budget"] = NoBudget(),
        ["prices"] = new JsonArray(),
        ["provider_keys"] = new JsonArray(),
        ["routes"] = new JsonObject(),
        ["agents"] = new JsonArray(),
        ["prompts"] = new JsonArray(),
        ["api_keys"] = new JsonArray(),
    };

    /// <summary>The document form of the budget of a project, key or agent without a budget.</summary>
    public static JsonObject NoBudget() => Members(BudgetView.Of(null, 0, 0), OfBudget);

    private static T Take<T>(Dictionary<string, string> tags, string path, Tagged<T> tagged)
    {
        tags[path] = tagged.Tag;
        return tagged.Value;
    }

    private static JsonObject BudgetOf(
        Dictionary<string, Tagged<BudgetView>> budgets, Dictionary<string, string> tags, string path, BudgetTarget target, params string?[] names)
    {
        var budget = Take(tags, path, budgets.TryGetValue(target.KeyId, out var set) ? set : BudgetEditor.TagStored(null));
        var members = Members(budget, OfBudget);
        if (budget.WebhookUrl is not null)
        {
            members[WebhookUrl] = TrackedChanges.OriginOf(budget.WebhookUrl);
            members[WebhookSecret] = SecretReference.Of([.. names, "WEBHOOK_SECRET"]);
        }

        return members;
    }

    private static JsonArray Credentials(List<Tagged<ProviderKeyView>> all, Dictionary<string, string> tags)
    {
        var (credentials, references) = (new JsonArray(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var tagged in all)
        {
            var view = Take(tags, $"provider_keys[{credentials.Count}]", tagged);
            var members = Members(view, OfCredential);
            var name = view.Name == ProviderKeyRecord.DefaultName ? null : view.Name;
            string Refer(string? number) => SecretReference.Of(view.Provider, view.Environment == KeyEnvironment.Test ? "TEST" : null, name, number, "API_KEY");

            // Each credential needs its own environment variable. Two credential names can yield the same variable name, so the second one gets a number.
            var reference = Refer(null);
            for (var number = 2; !references.Add(reference); number++)
            {
                reference = Refer($"{number}");
            }

            members[ApiKey] = reference;
            credentials.Add(members);
        }

        return credentials;
    }

    private static JsonObject Routes(List<Tagged<RouteView>> all, Dictionary<string, string> tags) =>
        new(all.Select(route => KeyValuePair.Create(route.Value.Name, (JsonNode?)RouteOf(Take(tags, $"routes.{route.Value.Name}", route).Route))));

    private async Task<JsonArray> AgentsAsync(
        ProjectView project, Dictionary<string, Tagged<BudgetView>> budgets, Dictionary<string, string> tags, CancellationToken cancellation)
    {
        var agents = new JsonArray();
        var limits = await editors.Limits.OfAgentsAsync(project.Id, cancellation);

        // An agent that was created after the limits were read is skipped. The next export includes the agent.
        foreach (var tagged in (await editors.Agents.ListTaggedAsync(project.Id)).Where(agent => limits.ContainsKey(agent.Value.Id)))
        {
            var (path, view) = ($"agents[{agents.Count}]", tagged.Value);
            var agent = Members(Take(tags, path, tagged), OfAgent);
            agent["rate_limits"] = Json(Take(tags, $"{path}.rate_limits", limits[view.Id]));
            agent["budget"] = BudgetOf(budgets, tags, $"{path}.budget", BudgetTarget.OfAgent(project.Id, view.Id), project.Slug, view.Name);
            agents.Add(agent);
        }

        return agents;
    }

    private async Task<JsonArray> PromptsAsync(string projectId, Dictionary<string, string> tags)
    {
        var prompts = new JsonArray();
        foreach (var tagged in await editors.Prompts.ListTaggedAsync(projectId))
        {
            var (prompt, version) = Take(tags, $"prompts[{prompts.Count}]", tagged);
            prompts.Add(new JsonObject { ["id"] = prompt.Id, ["name"] = prompt.Name, ["description"] = prompt.Description, ["content"] = version.Content });
        }

        return prompts;
    }

    // True for a key that no longer works. The document omits it, because applying a document cannot make it work again.
    private bool IsInactive(ApiKeyView view) => view.Revoked || view.ReplacedBy is not null || view.ExpiresAt <= time.GetUtcNow();

    private static JsonArray Keys(
        ProjectView project, IEnumerable<Tagged<ApiKeyView>> tagged, Dictionary<string, Tagged<BudgetView>> budgets, Dictionary<string, string> tags)
    {
        var keys = new JsonArray();
        foreach (var one in tagged)
        {
            var path = $"api_keys[{keys.Count}]";
            var key = Members(Take(tags, path, one), OfKey);
            key["budget"] = BudgetOf(budgets, tags, $"{path}.budget", BudgetTarget.OfKey(project.Id, one.Value.Id), project.Slug, one.Value.Name);
            keys.Add(key);
        }

        return keys;
    }

    private static JsonObject Json(object view) => (JsonObject)JsonSerializer.SerializeToNode(view, AdminJson.Options)!;

    private static JsonObject Members(object view, string[] names)
    {
        var all = Json(view);
        return new(names.Select(name => KeyValuePair.Create(name, all[name]?.DeepClone())));
    }
}
