using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>What can be called from here: the models that <c>GET /v1/models</c> tells a key of the project.</summary>
internal sealed class PlaygroundModels(ProjectCache projects, CallableModels models)
{
    // Of a name that most people know, and the sandbox answers to.
    private const string Usual = "gpt-4o";

    public async Task<ModelChoice> ChoiceAsync(string projectId, KeyEnvironment? wanted)
    {
        var project = await projects.GetAsync(projectId);
        if (project is null)
        {
            return new(KeyEnvironment.Production, "", [], []);
        }

        var environment = wanted ?? (project.Credentials.Any(credential => credential.Environment == KeyEnvironment.Production) ? KeyEnvironment.Production : KeyEnvironment.Test);
        List<string> production = Callable(project, KeyEnvironment.Production), test = Callable(project, KeyEnvironment.Test);
        var here = environment == KeyEnvironment.Test ? test : production;
        return new(environment, project.DefaultModel ?? (here.Contains(Usual) ? Usual : here.FirstOrDefault() ?? ""), production, test);
    }

    /// <summary>What the provider of a model calls the bound of a response. OpenAI's newer models refuse the older of the two names, and others do not know the newer one.</summary>
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

/// <param name="Environment">To begin with.</param>
/// <param name="Model">Likewise.</param>
/// <param name="Production">What can be called there.</param>
/// <param name="Test">Likewise.</param>
public sealed record ModelChoice(KeyEnvironment Environment, string Model, IReadOnlyList<string> Production, IReadOnlyList<string> Test);
