using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>Lists the models for the playground: the same models that <c>GET /v1/models</c> lists for a key of the project.</summary>
internal sealed class PlaygroundModels(ProjectCache projects, CallableModels models)
{
    // The initial model when the project has no better choice: a widely known model, which the sandbox serves too.
    private const string DefaultModel = "gpt-4o";

    public async Task<ModelChoice> ChoiceAsync(string projectId, KeyEnvironment? requested)
    {
        var project = await projects.GetAsync(projectId);
        if (project is null)
        {
            return new(KeyEnvironment.Production, "", [], []);
        }

        var environment = requested ?? (project.Credentials.Any(credential => credential.Environment == KeyEnvironment.Production) ? KeyEnvironment.Production : KeyEnvironment.Test);
        List<string> production = Callable(project, KeyEnvironment.Production), test = Callable(project, KeyEnvironment.Test);
        var here = environment == KeyEnvironment.Test ? test : production;
        return new(environment, project.DefaultModel ?? (here.Contains(DefaultModel) ? DefaultModel : here.FirstOrDefault() ?? ""), production, test);
    }

    /// <summary>
    /// The name of the request's member that limits output tokens. Newer OpenAI models refuse <c>max_tokens</c>; other providers do not accept
    /// <c>max_completion_tokens</c>.
    /// </summary>
    public async Task<string> TokensNameAsync(string projectId, PlaygroundInput input) =>
        await projects.GetAsync(projectId) is { } project && models.ProviderOf(CallerOf(project, input.Environment), input.Model, out var provider) is null
        && (provider!.Id == "openai" || provider.CredentialScheme == CredentialScheme.ApiKey) ? "max_completion_tokens" : "max_tokens";

    private List<string> Callable(ProjectSnapshot project, KeyEnvironment environment) => [.. models.Of(CallerOf(project, environment))];

    private static Caller CallerOf(ProjectSnapshot project, KeyEnvironment environment) => new(
        new ApiKey
        {
            Id = PlaygroundRunner.KeyId,
            ProjectId = project.Id,
            Type = KeyType.Secret,
            Environment = environment,
            AllowedDomains = [],
            AllowedModels = null,
            ExpiresAt = null,
            IsRevoked = false,
        },
        project);
}

/// <param name="Environment">The initial environment.</param>
/// <param name="Model">The initial model.</param>
/// <param name="Production">Models in the production environment.</param>
/// <param name="Test">Models in the test environment.</param>
public sealed record ModelChoice(KeyEnvironment Environment, string Model, IReadOnlyList<string> Production, IReadOnlyList<string> Test);
