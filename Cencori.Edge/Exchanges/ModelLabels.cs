using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// Model names for use as metric labels. Callers can send any name, and each new one would be a time series for the
/// lifetime of the process. So only the names that yarp.json lists without a wildcard are kept.
/// </summary>
public sealed class ModelLabels(ProviderCatalog providers)
{
    public string Of(string model) => providers.Models.Lists(model) ? model : GenAi.Other;
}
