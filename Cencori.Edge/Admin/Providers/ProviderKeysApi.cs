using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>A project's own credentials with providers: store, list, delete.</summary>
internal static class ProviderKeysApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/provider-keys", ListAsync);
        projects.MapPost("/{projectId}/provider-keys", StoreAsync);
        projects.MapDelete("/{projectId}/provider-keys/{provider}", DeleteAsync);
    }

    private static async Task ListAsync(HttpContext context, string projectId, ProviderKeyEditor keys) =>
        await context.AnswerAsync(StatusCodes.Status200OK, new ProvidersAnswer(await keys.ListAsync(projectId)));

    private static async Task StoreAsync(HttpContext context, string projectId, ProviderKeyEditor keys)
    {
        var stored = await keys.StoreAsync(AuditActor.Of(context), projectId, await context.ReadBodyAsync<NewProviderKey>());
        await context.AnswerAsync(StatusCodes.Status201Created, new ProviderAnswer(stored));
    }

    private static async Task DeleteAsync(HttpContext context, string projectId, string provider, ProviderKeyEditor keys, string environment = "production")
    {
        if (!Enum.TryParse<KeyEnvironment>(environment, ignoreCase: true, out var parsed))
        {
            throw new RefusedException(EdgeError.Invalid("The environment is 'production' or 'test'.", "environment"));
        }

        await keys.DeleteAsync(AuditActor.Of(context), projectId, provider, parsed);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private sealed record ProviderAnswer(ProviderKeyView Provider);

    private sealed record ProvidersAnswer(List<ProviderKeyView> Providers);
}
