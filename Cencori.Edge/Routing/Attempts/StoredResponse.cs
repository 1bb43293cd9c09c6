using Cencori.Edge.Endpoints;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Selection;

namespace Cencori.Edge.Routing.Attempts;

/// <summary>Checks responses with the id of an object that the provider stores. Later requests about it must reach the same provider and credential.</summary>
internal static class StoredResponse
{
    /// <summary>
    /// True: a later request that names no provider would reach another provider or credential than this response comes from.
    /// Null: the provider (such as the sandbox) stores no object, or no request about the object can reach a wrong credential.
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
