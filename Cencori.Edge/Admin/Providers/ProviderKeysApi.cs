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
        projects.MapPost("/{projectId}/provider-keys/{provider}/test", TestAsync);
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
        await keys.DeleteAsync(AuditActor.Of(context), projectId, provider, Environment(environment));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task TestAsync(HttpContext context, string projectId, string provider, ProviderTester tester, string environment = "production")
    {
        var body = await context.ReadBodyIfAnyAsync<NewProviderTest>();
        await context.AnswerAsync(StatusCodes.Status200OK, new TestAnswer(await tester.TestAsync(AuditActor.Of(context), projectId, provider, Environment(environment), body, context.RequestAborted)));
    }

    private static KeyEnvironment Environment(string name) => Enum.TryParse<KeyEnvironment>(name, ignoreCase: true, out var environment) && Enum.IsDefined(environment)
        ? environment
        : throw new RefusedException(EdgeError.Invalid("The environment is 'production' or 'test'.", "environment"));

    private sealed record ProviderAnswer(ProviderKeyView Provider);

    private sealed record TestAnswer(ProviderTestView Test);

    private sealed record ProvidersAnswer(List<ProviderKeyView> Providers);
}
