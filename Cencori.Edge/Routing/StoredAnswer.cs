using Cencori.Edge.Bodies;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Owners;
using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Routing;

/// <summary>Answers that providers store: what is done to one later is for the provider that has it.</summary>
internal static class StoredAnswer
{
    /// <summary>Who has what the request names; null where it names nothing of that kind, or nobody knows.</summary>
    public static ValueTask<string?> ProviderAsync(StoredObjects stored, Exchange exchange, RequestContent content) =>
        exchange.Endpoint.NamesStored && content.Model is null && EndpointTable.StoredId(exchange.Rest) is { } id
            ? stored.FindProviderAsync(exchange.Caller!.Project, exchange.Caller.Key.Environment, id)
            : default;

    /// <summary>Whether requests without a model would look for the answer elsewhere; null where none is stored. The sandbox forgets.</summary>
    public static bool? IsElsewhere(ModelRouter router, Exchange exchange, ProviderDefinition provider) =>
        exchange.Endpoint.Operation == Operation.Responses && provider.Id != ProviderDefinition.SandboxId ? !router.IsDefault(exchange.Caller!, provider) : null;
}
