using Cencori.Edge.Endpoints;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Routing;

/// <summary>Responses that tell the id of what providers keep: what is done to that later is for those that have it.</summary>
internal static class StoredResponse
{
    /// <summary>
    /// Whether requests that name nothing would look for it elsewhere; null where nothing is kept, or nobody can miss it. The sandbox forgets.
    /// </summary>
    public static bool? IsElsewhere(ModelRouter router, Exchange exchange, ProviderDefinition provider, ProviderCredential? credential)
    {
        if (provider.Id == ProviderDefinition.SandboxId)
        {
            return null;
        }

        var caller = exchange.Caller!;
        var all = caller.Project.CredentialsOf(provider.Id, caller.Key.Environment);
        var mayBeMissed = exchange.Endpoint.Operation == Operation.Responses
            || (all.Length > 1 && HttpMethods.IsPost(exchange.Context.Request.Method) && EndpointTable.IsStore(exchange.Rest));
        return mayBeMissed ? !router.IsDefault(caller, provider) || (all.Length > 1 && credential != caller.Project.Credential(provider.Id, caller.Key.Environment)) : null;
    }
}
