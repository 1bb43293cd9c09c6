using System.Collections.Immutable;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Routing;

/// <summary>What a request asks, as far as it decides which credentials can be used for it.</summary>
/// <param name="ProjectId">Whose they are.</param>
/// <param name="Provider">Who is asked.</param>
/// <param name="Model">By the provider's own name; empty where it names none.</param>
/// <param name="Endpoint">The endpoint's name.</param>
internal sealed record TargetWish(string ProjectId, string Provider, string Model, string Endpoint)
{
    /// <returns>A bit for each of them that can be used for it.</returns>
    public ulong AbleOf(ImmutableArray<ProviderCredential> all)
    {
        ulong able = 0;
        for (var place = 0; place < Math.Min(all.Length, TargetPicker.Most); place++)
        {
            able |= all[place].Secret is not null && (Model.Length == 0 || all[place].Models?.Allows(Provider, Model) != false) ? 1UL << place : 0;
        }

        return able;
    }

    /// <returns>A bit for each of them that is at another address.</returns>
    public static ulong AwayFrom(ProviderCredential credential, ImmutableArray<ProviderCredential> all)
    {
        ulong away = 0;
        for (var place = 0; place < Math.Min(all.Length, TargetPicker.Most); place++)
        {
            away |= all[place].BaseUrl?.Authority != credential.BaseUrl?.Authority ? 1UL << place : 0;
        }

        return away;
    }
}
