using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>Creates and rotates keys. Only the response that creates a key shows the full key; no later response does.</summary>
internal static class NewKeyPages
{
    // Form field with the id of the new key. The form contains this id, so that sending the form twice creates one key.
    private const string OnceField = "key_id";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/keys/new", NewAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/keys", CreateAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/keys/{keyId}/rotate", AskToRotateAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/keys/{keyId}/rotate", RotateAsync).WithMetadata(PageAccess.Members);
    }

    private static Task<IResult> NewAsync(PageRequest page, AgentEditor agents)
    {
        var query = page.Context.Request.Query;
        var agent = query["agent"].ToString();
        return ShowNewAsync(page, agents, new FormState(new Dictionary<string, string?>
        {
            [OnceField] = ApiKeyEditor.NewId(),
            ["key_type"] = agent.Length > 0 ? "agent" : query["type"].ToString() is { Length: > 0 } type ? type : "secret",
            ["environment"] = query["env"].ToString() is { Length: > 0 } environment ? environment : "production",
            ["agent_id"] = agent,
            ["expiry"] = "never",
            ["budget"] = "none",
        }));
    }

    private static async Task<IResult> CreateAsync(PageRequest page, ApiKeyEditor keys, AgentEditor agents, SnippetBuilder snippets, TimeProvider time)
    {
        var form = await page.FormAsync();
        var id = form[OnceField].ToString();
        try
        {
            var body = KeyForm.ReadNew(form, time.GetUtcNow());
            var budget = KeyForm.ReadBudget(form) is { } usd ? new BudgetReplacement { MonthlyBudgetUsd = usd } : null;
            var created = await keys.CreateAsync(page.Actor, page.Project.Id, body, ApiKeyEditor.IsId(id) ? id : null, budget);
            return await ShowOnceAsync(page, created.Value, snippets);
        }
        catch (RefusedException refused) when (refused.Error.Kind == ErrorKind.Conflict)
        {
            return ShowCreated(page, (await keys.GetAsync(page.Project.Id, id)).Value, time);
        }
        catch (RefusedException refused) when (refused.Error.Kind == ErrorKind.InvalidRequest)
        {
            return await ShowNewAsync(page, agents, FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static async Task<IResult> AskToRotateAsync(PageRequest page, string keyId, ApiKeyEditor keys, TimeProvider time)
    {
        var key = await keys.GetAsync(page.Project.Id, keyId);
        return ShowRotation(page, key, time, FormState.Empty);
    }

    private static async Task<IResult> RotateAsync(PageRequest page, string keyId, ApiKeyEditor keys, SnippetBuilder snippets, TimeProvider time)
    {
        var form = await page.FormAsync();
        var old = await keys.GetAsync(page.Project.Id, keyId);
        if (old.Value.ReplacedBy is { } successor)
        {
            return ShowCreated(page, (await keys.GetAsync(page.Project.Id, successor)).Value, time);
        }

        try
        {
            var grace = double.TryParse(form["grace_period_hours"], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var hours)
                ? hours
                : throw new RefusedException(EdgeError.Invalid("Choose how long the old key stays valid.", "grace_period_hours"));
            var created = await keys.RotateAsync(page.Actor, page.Project.Id, keyId, new KeyRotation { GracePeriodHours = grace }, Precondition.Tag(form["tag"]));
            return await ShowOnceAsync(page, created.Value, snippets, (await keys.GetAsync(page.Project.Id, keyId)).Value);
        }
        catch (RefusedException refused) when (refused.Error.Kind == ErrorKind.InvalidRequest)
        {
            return ShowRotation(page, old, time, FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static async Task<IResult> ShowOnceAsync(PageRequest page, ApiKeyView key, SnippetBuilder snippets, ApiKeyView? replaced = null)
    {
        // Stricter than on other pages: the browser must not send the URL of this page to the next page.
        page.Context.Response.Headers["Referrer-Policy"] = "no-referrer";
        var frame = page.Frame("Copy your key now", Section.Keys);

        // With this policy, browsers send no origin with a form, so the form would be refused. So this page has no form and needs no token.
        return Page.Show<ShownKeyPage, ShownKeyModel>(frame with { FormToken = "" }, new(key, await snippets.MakeAsync(page, key, key.FullKey!), replaced));
    }

    private static IResult ShowCreated(PageRequest page, ApiKeyView key, TimeProvider time) => Page.Show<MadeKeyPage, KeyRow>(
        page.Frame("This key has been generated already", Section.Keys), new(key, time.GetUtcNow()), StatusCodes.Status409Conflict);

    private static async Task<IResult> ShowNewAsync(PageRequest page, AgentEditor agents, FormState state, int status = StatusCodes.Status200OK) => Page.Show<NewKeyPage, NewKeyModel>(
        page.Frame("Generate New Key", Section.Keys), new(state, [.. (await agents.ListAsync(page.Project.Id)).Select(agent => (agent.Id, agent.Name))]), status);

    private static IResult ShowRotation(PageRequest page, Tagged<ApiKeyView> key, TimeProvider time, FormState state, int status = StatusCodes.Status200OK) =>
        Page.Show<RotateKeyPage, RotateKeyModel>(page.Frame("Rotate key", Section.Keys), new(new(key.Value, time.GetUtcNow()), key.Tag, state), status);
}

/// <param name="State">The form's state.</param>
/// <param name="Agents">Agents that the key can belong to.</param>
public sealed record NewKeyModel(FormState State, IReadOnlyList<(string Id, string Name)> Agents);

/// <param name="Key">The key with its secret.</param>
/// <param name="Use">Code samples with the key.</param>
/// <param name="Replaced">The rotated key; null: none.</param>
public sealed record ShownKeyModel(ApiKeyView Key, Snippets Use, ApiKeyView? Replaced);

/// <param name="Row">The key to rotate.</param>
/// <param name="Tag">The key's ETag when the form was shown.</param>
/// <param name="State">The form's state.</param>
public sealed record RotateKeyModel(KeyRow Row, string Tag, FormState State);
