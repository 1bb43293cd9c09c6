using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Providers;

/// <param name="Cards">Providers in use first.</param>
/// <param name="Since">Start of the requests that were counted; null: none were, because the database was busy.</param>
/// <param name="IsWhole">True: all requests of the last minutes were counted.</param>
/// <param name="Default">The form with the project's default model.</param>
/// <param name="Models">Model names for auto-completion.</param>
public sealed record ProvidersModel(IReadOnlyList<ProviderCard> Cards, DateTimeOffset? Since, bool IsWhole, FormState Default, IReadOnlyList<string> Models);

/// <summary>A provider of yarp.json, as a project sees it.</summary>
/// <param name="Id">The provider's name in yarp.json.</param>
/// <param name="NeedsCredential">True: it serves nobody without a credential.</param>
/// <param name="NeedsBaseUrl">True: yarp.json has no address for it.</param>
/// <param name="Models">Model names in yarp.json, without patterns.</param>
/// <param name="Patterns">Model patterns that end in <c>*</c>.</param>
/// <param name="UsualTestModel">Null: the user must name a model for tests.</param>
/// <param name="Slots">One per environment.</param>
public sealed record ProviderCard(string Id, bool NeedsCredential, bool NeedsBaseUrl, IReadOnlyList<string> Models, IReadOnlyList<string> Patterns, string? UsualTestModel, IReadOnlyList<ProviderSlot> Slots)
{
    private const int MaxNamed = 3;

    /// <summary>Some of its models.</summary>
    public string Serves
    {
        get
        {
            var all = Models.Concat(Patterns).ToList();
            return string.Join(" · ", all.Take(MaxNamed).Select(model => SafeText.Of(model))) + (all.Count > MaxNamed ? $" and {all.Count - MaxNamed} more" : "");
        }
    }

    /// <summary>The sandbox is open to every project. Any other provider needs a stored credential, if only with a base URL.</summary>
    public bool IsSandbox => Id == Edge.Providers.Catalog.ProviderDefinition.SandboxId;

    public bool IsInUse => IsSandbox || Slots.Any(slot => slot.Keys.Count > 0);
}

/// <param name="Environment">The environment of the keys that use it.</param>
/// <param name="Keys">The credentials, default first.</param>
/// <param name="State">Null: there was no traffic.</param>
/// <param name="IsKnown">True: all traffic was counted, so none seen means none.</param>
public sealed record ProviderSlot(KeyEnvironment Environment, IReadOnlyList<ProviderKeyView> Keys, ProviderState? State, bool IsKnown)
{
    /// <summary>Its credentials that are in cool-down at this edge.</summary>
    public IReadOnlyList<TargetView> LeftAlone { get; init; } = [];

    /// <summary>The state in a word or two, and the badge class.</summary>
    public (string Word, string? Tone) Badge => State switch
    {
        null => (IsKnown ? "no traffic" : "not known", null),
        { IsFailing: true } => ("failing", "bad"),
        { Failures: > 0 } => ("some fail", "warn"),
        _ => ("ok", "good"),
    };

    public string Name => Environment == KeyEnvironment.Production ? "Production" : "Test";

    /// <summary>The query string that names it.</summary>
    public string Query(string provider) => $"?provider={Uri.EscapeDataString(provider)}&environment={Environment.ToString().ToLowerInvariant()}";
}

/// <param name="Providers">All providers.</param>
/// <param name="Provider">The chosen provider; null: not chosen yet.</param>
/// <param name="Stored">The credential to replace; null: a new one.</param>
/// <param name="IsAnother">True: the provider and environment already have credentials, so the new one needs a name.</param>
/// <param name="State">The form's state.</param>
public sealed record CredentialModel(IReadOnlyList<ProviderCard> Providers, ProviderCard? Provider, ProviderKeyView? Stored, bool IsAnother, FormState State);

/// <param name="Key">The credential to change.</param>
/// <param name="State">The form's state.</param>
public sealed record EditCredentialModel(ProviderKeyView Key, FormState State);

/// <param name="Key">The credential to delete.</param>
/// <param name="IsLast">True: no other credential serves the same requests.</param>
/// <param name="Models">Models that stop working without it.</param>
public sealed record DeleteCredentialModel(ProviderKeyView Key, bool IsLast, IReadOnlyList<string> Models);

/// <param name="Provider">The provider to test.</param>
/// <param name="Slot">The environment.</param>
/// <param name="Key">The credential; null: the sandbox needs none.</param>
/// <param name="Test">The result; null: not tested yet.</param>
/// <param name="State">The form's state.</param>
public sealed record TestModel(ProviderCard Provider, ProviderSlot Slot, ProviderKeyView? Key, ProviderTestView? Test, FormState State);
