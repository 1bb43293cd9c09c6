using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Providers;

/// <param name="Cards">The providers; those in use first.</param>
/// <param name="Since">Start of the period whose requests were counted; null: no requests were counted, because the database was busy.</param>
/// <param name="IsComplete">True: all requests of the last minutes were counted.</param>
/// <param name="Default">State of the form that changes the project's default model.</param>
/// <param name="Models">Model names for auto-completion.</param>
public sealed record ProvidersModel(IReadOnlyList<ProviderCard> Cards, DateTimeOffset? Since, bool IsComplete, FormState Default, IReadOnlyList<string> Models);

/// <summary>A provider of yarp.json, as a project sees it.</summary>
/// <param name="Id">The provider's name in yarp.json.</param>
/// <param name="NeedsCredential">True: a project cannot use the provider without a stored credential.</param>
/// <param name="NeedsBaseUrl">True: yarp.json has no address for the provider, so a credential needs a base URL.</param>
/// <param name="Models">Model names in yarp.json, without patterns.</param>
/// <param name="Patterns">Model patterns that end in <c>*</c>.</param>
/// <param name="DefaultTestModel">The default model for tests; null: there is none, so the user must name a model.</param>
/// <param name="Slots">One per environment.</param>
public sealed record ProviderCard(string Id, bool NeedsCredential, bool NeedsBaseUrl, IReadOnlyList<string> Models, IReadOnlyList<string> Patterns, string? DefaultTestModel, IReadOnlyList<ProviderSlot> Slots)
{
    private const int MaxNamed = 3;

    /// <summary>Text with some of the provider's models.</summary>
    public string Serves
    {
        get
        {
            var all = Models.Concat(Patterns).ToList();
            return string.Join(" · ", all.Take(MaxNamed).Select(model => SafeText.Of(model))) + (all.Count > MaxNamed ? $" and {all.Count - MaxNamed} more" : "");
        }
    }

    /// <summary>
    /// True: this is the built-in sandbox, which every project can use. Any other provider needs a stored credential, which may have no secret.
    /// </summary>
    public bool IsSandbox => Id == Edge.Providers.Catalog.ProviderDefinition.SandboxId;

    public bool IsInUse => IsSandbox || Slots.Any(slot => slot.Keys.Count > 0);
}

/// <param name="Environment">The environment of the keys that use these credentials.</param>
/// <param name="Keys">The credentials, default first.</param>
/// <param name="State">The state of the provider; null: no traffic was counted.</param>
/// <param name="IsKnown">True: all traffic was counted, so a null state means that there was no traffic.</param>
public sealed record ProviderSlot(KeyEnvironment Environment, IReadOnlyList<ProviderKeyView> Keys, ProviderState? State, bool IsKnown)
{
    /// <summary>Cool-downs of these credentials at this edge.</summary>
    public IReadOnlyList<TargetView> CoolDowns { get; init; } = [];

    /// <summary>The state in a word or two, and the CSS class of its badge.</summary>
    public (string Word, string? Tone) Badge => State switch
    {
        null => (IsKnown ? "no traffic" : "not known", null),
        { IsFailing: true } => ("failing", "bad"),
        { Failures: > 0 } => ("some fail", "warn"),
        _ => ("ok", "good"),
    };

    public string Name => Environment == KeyEnvironment.Production ? "Production" : "Test";

    /// <summary>The query string of URLs that name this provider and environment.</summary>
    public string Query(string provider) => $"?provider={Uri.EscapeDataString(provider)}&environment={Environment.ToString().ToLowerInvariant()}";
}

/// <param name="Providers">All providers.</param>
/// <param name="Provider">The chosen provider; null: not chosen yet.</param>
/// <param name="Stored">The credential to replace; null: a new one.</param>
/// <param name="IsAnother">True: the project already has a credential for the provider and environment, so the new one needs a name.</param>
/// <param name="State">The form's state.</param>
public sealed record CredentialModel(IReadOnlyList<ProviderCard> Providers, ProviderCard? Provider, ProviderKeyView? Stored, bool IsAnother, FormState State);

/// <param name="Key">The credential to change.</param>
/// <param name="State">The form's state.</param>
public sealed record EditCredentialModel(ProviderKeyView Key, FormState State);

/// <param name="Key">The credential to delete.</param>
/// <param name="IsLast">True: no other credential serves the same requests.</param>
/// <param name="Models">Models that stop working without this credential.</param>
public sealed record DeleteCredentialModel(ProviderKeyView Key, bool IsLast, IReadOnlyList<string> Models);

/// <param name="Provider">The provider to test.</param>
/// <param name="Slot">The environment.</param>
/// <param name="Key">The credential; null: the sandbox needs none.</param>
/// <param name="Test">The result; null: not tested yet.</param>
/// <param name="State">The form's state.</param>
public sealed record TestModel(ProviderCard Provider, ProviderSlot Slot, ProviderKeyView? Key, ProviderTestView? Test, FormState State);
