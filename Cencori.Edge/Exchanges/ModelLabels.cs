using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// Model names as metrics may carry them. Callers can write anything, and each new name would be a series for as long as the
/// process lives: only names that yarp.json spells out are kept.
/// </summary>
public sealed class ModelLabels(ProviderCatalog providers)
{
    public string Of(string model) => providers.Models.Lists(model) ? model : GenAi.Other;
}
