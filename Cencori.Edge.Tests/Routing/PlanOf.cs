using System.Collections.Immutable;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing;

namespace Cencori.Edge.Tests.Routing;

/// <summary>Plans as projects' settings come to.</summary>
internal static class PlanOf
{
    public static ProviderDefinition Provider(string id) => new(id, CredentialScheme.Parse("Bearer")!, "/v1", [], TimeSpan.FromMinutes(10), NeedsBaseUrl: false);

    public static TargetPlan OpenAi(ImmutableArray<ProviderCredential> credentials) => TargetPlan.Of(Provider("openai"), credentials);
}
