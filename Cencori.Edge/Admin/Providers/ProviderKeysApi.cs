using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Endpoints for a project's provider credentials: store, list, read, change, delete, test.</summary>
internal static class ProviderKeysApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/provider-keys", ListAsync);
        projects.MapPost("/{projectId}/provider-keys", StoreAsync);
        projects.MapGet("/{projectId}/provider-keys/{provider}", GetAsync);
        projects.MapPatch("/{projectId}/provider-keys/{provider}", ChangeAsync);
        projects.MapDelete("/{projectId}/provider-keys/{provider}", DeleteAsync);
        projects.MapPost("/{projectId}/provider-keys/{provider}/test", TestAsync);
    }

    private static async Task ListAsync(HttpContext context, string projectId, ProviderKeyEditor keys) =>
        await context.RespondAsync(StatusCodes.Status200OK, new ProvidersResponse(await keys.ListAsync(projectId)));

    private static async Task StoreAsync(HttpContext context, string projectId, ProviderKeyEditor keys) =>
        await RespondAsync(context, StatusCodes.Status201Created, await keys.StoreAsync(AuditActor.Of(context), projectId, await context.ReadBodyAsync<NewProviderKey>()));

    private static async Task GetAsync(HttpContext context, string projectId, string provider, ProviderKeyEditor keys, string? environment = null, string? name = null) =>
        await RespondAsync(context, StatusCodes.Status200OK, await keys.GetAsync(projectId, Which(context, provider, environment, name)));

    private static async Task ChangeAsync(HttpContext context, string projectId, string provider, ProviderKeyEditor keys, string? environment = null, string? name = null)
    {
        var which = Which(context, provider, environment, name);
        var change = await context.ReadBodyAsync<ProviderKeyChange>();
        await RespondAsync(context, StatusCodes.Status200OK, await keys.ChangeAsync(AuditActor.Of(context), projectId, which, change, Precondition.Of(context)));
    }

    private static async Task DeleteAsync(HttpContext context, string projectId, string provider, ProviderKeyEditor keys, string? environment = null, string? name = null)
    {
        await keys.DeleteAsync(AuditActor.Of(context), projectId, Which(context, provider, environment, name), Precondition.Of(context));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task TestAsync(HttpContext context, string projectId, string provider, ProviderTester tester, string? environment = null, string? name = null)
    {
        var which = Which(context, provider, environment, name);
        var body = await context.ReadBodyIfAnyAsync<NewProviderTest>();
        var tested = await tester.TestAsync(AuditActor.Of(context), projectId, which, body, context.RequestAborted);
        await context.RespondAsync(StatusCodes.Status200OK, new TestResponse(tested));
    }

    private static CredentialRef Which(HttpContext context, string provider, string? environment, string? name)
    {
        context.Request.Query.AllowOnly("environment", "name");
        return CredentialRef.Of(provider, environment, name);
    }

    private static Task RespondAsync(HttpContext context, int status, Tagged<ProviderKeyView> key) => context.RespondAsync(status, new ProviderResponse(key.Value), key.Tag);

    private sealed record ProviderResponse(ProviderKeyView Provider);

    private sealed record TestResponse(ProviderTestView Test);

    private sealed record ProvidersResponse(List<ProviderKeyView> Providers);
}
