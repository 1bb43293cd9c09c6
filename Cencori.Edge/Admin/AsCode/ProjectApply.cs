using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Admin.Projects;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Plans and applies the changes to one project of a document. Objects that the document omits stay unchanged.</summary>
internal sealed partial class ProjectApply(Editors editors, CurrentState state, AuditActor actor, Part requested, CurrentProject current)
{
    private const string RateLimits = "rate_limits";
    private const string Budget = "budget";
    private const string Routes = "routes";

    private readonly List<(Part Where, Func<Task> Run)> _steps = [];
    private readonly List<PlannedChange> _changes = [];
    private readonly List<string> _notes = [];

    // Warnings of the current run. They are cleared when RunAsync runs again.
    private readonly List<string> _warnings = [];

    // Stored ids of the agents and keys in the document, by the id in the document or, without an id, by a label.
    private readonly Dictionary<string, string> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private readonly List<MadeKey> _made = [];
    private string _id = current.Id;

    public bool HasChanges => _steps.Count > 0;

    /// <summary>Id of the project when the plan was made. Empty: the project is new.</summary>
    public string Id => current.Id;

    public bool IsNew => Id.Length == 0;

    private string Slug => (string)current.Document["slug"]!;

    public static async Task<ProjectApply> PlanAsync(Editors editors, CurrentState state, AuditActor actor, Part requested, CancellationToken cancellation)
    {
        requested.Only("slug", "name", "default_model", "default_provider", "model_aliases", "log_payloads", Networking, Policies, RateLimits, Budget, "prices", "provider_keys", Routes, "agents", "prompts", "api_keys");
        var slug = requested.Text("slug") ?? throw requested.Refuse("slug", "A project needs a slug.");
        var apply = new ProjectApply(editors, state, actor, requested, await state.ReadAsync(slug, cancellation));
        apply.PlanProject();
        apply.PlanNetworking();
        await apply.PlanPoliciesAsync();
        apply.PlanLimits(requested, current: apply.Current, "project", "", agent: null);
        await apply.PlanBudgetAsync(requested, apply.Current, "project", "", apply.OfProject);
        apply.PlanPrices();
        await apply.PlanCredentialsAsync();
        await apply.PlanAgentsAsync();
        apply.PlanPrompts();
        await apply.PlanKeysAsync();
        apply.PlanRoutes();
        return apply;
    }

    /// <summary>Runs the planned steps, in a transaction of the caller. May run more than once.</summary>
    public async Task<AppliedProject> RunAsync()
    {
        _id = current.Id;
        _made.Clear();
        _warnings.Clear();
        foreach (var (where, run) in _steps)
        {
            try
            {
                await run();
            }
            catch (RefusedException refused)
            {
                throw where.At(refused);
            }
        }

        return new(Slug, _id, _changes, [.. _notes, .. _warnings], [.. _made]);
    }

    private JsonObject Current => current.Document;

    private BudgetTarget OfProject() => BudgetTarget.OfProject(_id);

    private void PlanProject()
    {
        var own = requested.Without("slug", Networking, Policies, RateLimits, Budget, "prices", "provider_keys", Routes, "agents", "prompts", "api_keys");
        if (current.Id.Length == 0)
        {
            var name = requested.Text("name") ?? Slug;
            Add(requested, PlannedChange.Create, $"project '{Slug}'", null, null, name, async () => _id = (await editors.Projects.CreateAsync(actor, new NewProject(name) { Slug = Slug })).Value.Id);
            own = own.Without("name");
        }

        NormalForm.Replace(own.Members, "model_aliases", new JsonObject());
        var changed = Difference.Of(own.Members, Current, ChangeReporter("project"));
        var change = new Part(changed, requested.Path).As<ProjectChange>();
        if (changed.Count > 0)
        {
            Do(requested, () => editors.Projects.ChangeAsync(actor, _id, change, Expect("")));
        }
    }

    private void PlanLimits(Part of, JsonObject current, string name, string tag, Func<string>? agent)
    {
        if (of.Object(RateLimits)?.Without() is not { } limits)
        {
            return;
        }

        var existing = (JsonObject)current[RateLimits]!;
        NormalForm.OfLimits(limits.Members, existing);
        if (Difference.Of(limits.Members, existing, ChangeReporter(name, RateLimits)).Count > 0)
        {
            var body = new Part(Difference.Merge(existing, limits.Members), limits.Path).As<RateLimitsReplacement>();
            Do(limits, () => editors.Limits.ReplaceAsync(actor, _id, agent?.Invoke(), body, Expect(TagUnder(tag, RateLimits))));
        }
    }

    private async Task PlanBudgetAsync(Part of, JsonObject current, string name, string tag, Func<BudgetTarget> target)
    {
        if (of.Object(Budget) is not { } budget)
        {
            return;
        }

        var existing = (JsonObject)current[Budget]!;
        var plain = budget.Without(CurrentState.WebhookSecret).Members;
        var origin = (string?)existing[CurrentState.WebhookUrl];
        var address = origin is null ? null : await state.WebhookUrlAsync(target());
        if (budget.Text(CurrentState.WebhookUrl) is { } url && url != origin)
        {
            if (url == address)
            {
                plain[CurrentState.WebhookUrl] = origin;
            }
            else if (url.EndsWith("/…", StringComparison.Ordinal))
            {
                throw budget.Refuse(CurrentState.WebhookUrl, "This is only the beginning of a URL, and no stored URL begins like this. Write the whole URL.");
            }
        }

        NormalForm.Replace(plain, "alerts", new JsonArray());
        if (plain["alerts"] is JsonArray alerts && alerts.All(item => item?.GetValueKind() == System.Text.Json.JsonValueKind.Number))
        {
            plain["alerts"] = new JsonArray([.. alerts.OrderBy(item => item!.GetValue<decimal>()).Select(item => item!.DeepClone())]);
        }

        var report = ChangeReporter(name, Budget);
        var count = Difference.Of(plain, existing, (field, before, after) => report(field, before, field == CurrentState.WebhookUrl && after is not null ? TrackedChanges.OriginOf((string)after!) : after)).Count;
        var merged = Difference.Merge(existing, plain);
        if (origin is not null && (string?)merged[CurrentState.WebhookUrl] == origin)
        {
            merged[CurrentState.WebhookUrl] = address;
        }

        merged.Remove(CurrentState.WebhookSecret);
        if (await NewSecretAsync(budget, CurrentState.WebhookSecret, existing.ContainsKey(CurrentState.WebhookSecret), secret => state.IsAsync(target(), secret)) is { } secret)
        {
            merged[CurrentState.WebhookSecret] = secret;
            ChangeReporter(name, Budget)(CurrentState.WebhookSecret, existing.ContainsKey(CurrentState.WebhookSecret) ? PlannedChange.Secret : null, PlannedChange.Secret);
            count++;
        }
        else if ((string?)merged[CurrentState.WebhookUrl] != address && budget.Text(CurrentState.WebhookSecret) is { } stated && SecretReference.NameIn(stated) is null)
        {
            // The secret is the stored one. It is sent again, because another server may need it.
            merged[CurrentState.WebhookSecret] = stated;
        }

        var body = new Part(merged, budget.Path).As<BudgetReplacement>();
        if (count > 0)
        {
            Do(budget, () => editors.Budgets.SetAsync(actor, target(), body, Expect(TagUnder(tag, Budget))));
        }
    }

    /// <summary>Reads a secret from the document, if it differs from the stored secret.</summary>
    /// <returns>Null: the stored secret stays.</returns>
    private async Task<string?> NewSecretAsync(Part of, string name, bool hasStored, Func<string, Task<bool>> isStored)
    {
        if (of.Text(name) is not { } secret)
        {
            return null;
        }

        if (SecretReference.NameIn(secret) is { } variable)
        {
            if (!hasStored)
            {
                throw of.Refuse(name, $"{secret} has no value, and no secret is stored. Set {variable} in the environment of the apply command.");
            }

            _notes.Add($"{of.Path}.{name} is not changed: {variable} is not set in the environment of the apply command.");
            return null;
        }

        return hasStored && await isStored(secret) ? null : secret;
    }

    // The precondition that the object has not changed since the plan was made. No tag: the object did not exist then, so there is no condition.
    private Precondition Expect(string tag) => Precondition.Tag(current.Tags.GetValueOrDefault(tag));

    private static string TagUnder(string tag, string name) => tag.Length == 0 ? name : $"{tag}.{name}";

    private Action<string, JsonNode?, JsonNode?> ChangeReporter(string name, string? under = null) =>
        (field, before, after) => _changes.Add(new(PlannedChange.Change, name, under is null ? field : $"{under}.{field}", before?.DeepClone(), after?.DeepClone()));

    private void Add(Part where, string action, string name, string? field, JsonNode? before, JsonNode? after, Func<Task> run)
    {
        _changes.Add(new(action, name, field, before, after));
        Do(where, run);
    }

    private void Do(Part where, Func<Task> run) => _steps.Add((where, run));
}
