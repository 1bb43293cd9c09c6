using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Keys;

/// <summary>Endpoints for project keys: create, list, read, change, revoke, rotate.</summary>
internal static class ApiKeysApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapPost("/{projectId}/api-keys", CreateAsync);
        projects.MapGet("/{projectId}/api-keys", ListAsync);
        projects.MapGet("/{projectId}/api-keys/{keyId}", GetAsync);
        projects.MapPatch("/{projectId}/api-keys/{keyId}", ChangeAsync);
        projects.MapPost("/{projectId}/api-keys/{keyId}/rotate", RotateAsync);
    }

    private static async Task CreateAsync(HttpContext context, string projectId, ApiKeyEditor keys) =>
        await RespondAsync(context, StatusCodes.Status201Created, await keys.CreateAsync(AuditActor.Of(context), projectId, await context.ReadBodyAsync<NewApiKey>()));

    private static async Task ListAsync(HttpContext context, string projectId, ApiKeyEditor keys) =>
        await context.RespondAsync(StatusCodes.Status200OK, new ApiKeysResponse(await keys.ListAsync(projectId)));

    private static async Task GetAsync(HttpContext context, string projectId, string keyId, ApiKeyEditor keys) =>
        await RespondAsync(context, StatusCodes.Status200OK, await keys.GetAsync(projectId, keyId));

    private static async Task ChangeAsync(HttpContext context, string projectId, string keyId, ApiKeyEditor keys)
    {
        var change = await context.ReadBodyAsync<ApiKeyChange>();
        await RespondAsync(context, StatusCodes.Status200OK, await keys.ChangeAsync(AuditActor.Of(context), projectId, keyId, change, Precondition.Of(context)));
    }

    private static async Task RotateAsync(HttpContext context, string projectId, string keyId, ApiKeyEditor keys)
    {
        // The Content-Length does not show whether there is a body, because a chunked body has none.
        var body = await context.ReadBodyIfAnyAsync<KeyRotation>();
        await RespondAsync(context, StatusCodes.Status201Created, await keys.RotateAsync(AuditActor.Of(context), projectId, keyId, body, Precondition.Of(context)));
    }

    private static Task RespondAsync(HttpContext context, int status, Tagged<ApiKeyView> key) => context.RespondAsync(status, new ApiKeyResponse(key.Value), key.Tag);
}
