using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Errors;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Dashboard.Providers;

/// <summary>Reads the data of the provider pages.</summary>
internal sealed class ProviderCards(ProviderCatalog catalog, ProviderKeyEditor keys, ProviderTraffic traffic, TargetStatusService targets, ProjectCache projects, Prices prices, TimeProvider time)
{
    private static readonly KeyEnvironment[] Environments = [KeyEnvironment.Production, KeyEnvironment.Test];

    /// <summary>Lists all providers: those in use first, then by name.</summary>
    public async Task<ProviderCardList> ListAsync(string projectId, CancellationToken cancellation)
    {
        var stored = await keys.ListAsync(projectId);
        var seen = await TrafficAsync(projectId, cancellation);
        var project = await projects.GetAsync(projectId) ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such project."));
        var coolDowns = targets.Of(stored).ToLookup(target => target.Id, StringComparer.Ordinal);
        var cards = catalog.All.Select(provider => new ProviderCard(
            provider.Id,
            provider.CredentialScheme.NeedsCredential,
            provider.NeedsBaseUrl,
            [.. provider.Models.Where(model => !model.EndsWith('*'))],
            [.. provider.Models.Where(model => model.EndsWith('*'))],
            TestRequest.DefaultModel(provider, project, prices, time.GetUtcNow()),
            [.. Environments.Select(environment => SlotOf(stored.FindAll(key => key.Provider == provider.Id && key.Environment == environment), environment, provider.Id, seen, coolDowns))]));
        return new(
            [.. cards.OrderBy(card => card.Slots.All(slot => slot.Keys.Count == 0)).ThenBy(card => !card.IsInUse).ThenBy(card => card.Id, StringComparer.Ordinal)],
            seen is null ? null : seen.Since ?? time.GetUtcNow() - ProviderTraffic.Period,
            seen is { Since: null });
    }

    /// <summary>Finds the credential that a URL or form names: by <c>id</c>, or by <c>name</c>, <c>provider</c> and <c>environment</c>. A null key: no credential has this name.</summary>
    /// <exception cref="RefusedException">The provider or the credential id does not exist.</exception>
    public async Task<(ProviderCard Card, ProviderSlot Slot, ProviderKeyView? Key)> FindAsync(string projectId, Func<string, string?> said, CancellationToken cancellation)
    {
        var cards = (await ListAsync(projectId, cancellation)).Cards;
        if (said("id") is { Length: > 0 } id)
        {
            var found = cards.SelectMany(card => card.Slots, (Card, Slot) => (Card, Slot, Key: Slot.Keys.FirstOrDefault(key => key.Id == id))).FirstOrDefault(one => one.Key is not null);
            return found.Key is not null ? found : throw ProviderKeyEditor.KeyNotFound();
        }

        var card = cards.Find(card => card.Id == said("provider")) ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such provider."));
        var slot = card.Slots.Single(slot => slot.Environment == EnvironmentOf(said("environment")));
        var name = said("name") is { Length: > 0 } named ? named : ProviderKeyRecord.DefaultName;
        return (card, slot, slot.Keys.FirstOrDefault(key => key.Name == name));
    }

    private static ProviderSlot SlotOf(List<ProviderKeyView> keys, KeyEnvironment environment, string provider, ProviderTrafficView? seen, ILookup<string, TargetView> coolDowns) =>
        new(environment, keys, seen?.States.GetValueOrDefault((provider, environment)), seen is { Since: null }) { CoolDowns = [.. keys.SelectMany(key => coolDowns[key.Id])] };

    // The project's recent traffic per provider. Null when the database is busy: the page can show credentials without it.
    private async Task<ProviderTrafficView?> TrafficAsync(string projectId, CancellationToken cancellation)
    {
        try
        {
            return await traffic.ReadAsync(projectId, cancellation);
        }
        catch (DatabaseBusyException)
        {
            return null;
        }
    }

    public static KeyEnvironment EnvironmentOf(string? name) => "test".Equals(name, StringComparison.OrdinalIgnoreCase) ? KeyEnvironment.Test : KeyEnvironment.Production;
}

/// <param name="Cards">The providers: those in use first, then by name.</param>
/// <param name="Since">Start of the period whose requests were counted; null: no requests were counted.</param>
/// <param name="IsComplete">True: all requests of the last minutes were counted.</param>
internal sealed record ProviderCardList(List<ProviderCard> Cards, DateTimeOffset? Since, bool IsComplete);
