using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Providers;

/// <param name="Cards">Those in use first.</param>
/// <param name="Since">From when on requests were looked at; null: the database was busy, and none were.</param>
/// <param name="IsWhole">All were looked at that there were in the last minutes.</param>
/// <param name="Default">The form with the project's default model.</param>
/// <param name="Models">Names that it may be, for help in typing.</param>
public sealed record ProvidersModel(IReadOnlyList<ProviderCard> Cards, DateTimeOffset? Since, bool IsWhole, FormState Default, IReadOnlyList<string> Models);

/// <summary>A provider of yarp.json, as a project sees it.</summary>
/// <param name="Id">As in yarp.json.</param>
/// <param name="NeedsCredential">It answers nobody without one.</param>
/// <param name="NeedsBaseUrl">It has no address of its own.</param>
/// <param name="Models">Names that yarp.json has, without patterns.</param>
/// <param name="Patterns">Those that end in <c>*</c>.</param>
/// <param name="UsualTestModel">Null: whoever tests has to name one.</param>
/// <param name="Slots">One for each environment.</param>
public sealed record ProviderCard(string Id, bool NeedsCredential, bool NeedsBaseUrl, IReadOnlyList<string> Models, IReadOnlyList<string> Patterns, string? UsualTestModel, IReadOnlyList<ProviderSlot> Slots)
{
    private const int MaxNamed = 3;

    /// <summary>Some of what it serves.</summary>
    public string Serves
    {
        get
        {
            var all = Models.Concat(Patterns).ToList();
            return string.Join(" · ", all.Take(MaxNamed).Select(model => SafeText.Of(model))) + (all.Count > MaxNamed ? $" and {all.Count - MaxNamed} more" : "");
        }
    }

    /// <summary>It is for everybody. To any other a project is let by what it stores, and be that an address only.</summary>
    public bool IsSandbox => Id == Edge.Providers.Catalog.ProviderDefinition.SandboxId;

    public bool IsInUse => IsSandbox || Slots.Any(slot => slot.Keys.Count > 0);
}

/// <param name="Environment">For whose keys.</param>
/// <param name="Keys">The credentials, the default one first.</param>
/// <param name="State">Null: no traffic was seen.</param>
/// <param name="IsKnown">All of it was looked at: where none was seen, there was none.</param>
public sealed record ProviderSlot(KeyEnvironment Environment, IReadOnlyList<ProviderKeyView> Keys, ProviderState? State, bool IsKnown)
{
    /// <summary>Those of its credentials that this edge leaves alone now.</summary>
    public IReadOnlyList<TargetView> LeftAlone { get; init; } = [];

    /// <summary>How it does, in a word or two, and the class of the badge that says so.</summary>
    public (string Word, string? Tone) Badge => State switch
    {
        null => (IsKnown ? "no traffic" : "not known", null),
        { IsFailing: true } => ("failing", "bad"),
        { Failures: > 0 } => ("some fail", "warn"),
        _ => ("ok", "good"),
    };

    public string Name => Environment == KeyEnvironment.Production ? "Production" : "Test";

    /// <summary>How an address names it.</summary>
    public string Query(string provider) => $"?provider={Uri.EscapeDataString(provider)}&environment={Environment.ToString().ToLowerInvariant()}";
}

/// <param name="Providers">That there are.</param>
/// <param name="Provider">The one that it is about; null: not chosen yet.</param>
/// <param name="Stored">What is replaced; null: nothing.</param>
/// <param name="IsAnother">There are others of the same provider and environment, and it needs a name.</param>
/// <param name="State">Of the form.</param>
public sealed record CredentialModel(IReadOnlyList<ProviderCard> Providers, ProviderCard? Provider, ProviderKeyView? Stored, bool IsAnother, FormState State);

/// <param name="Key">The credential that is changed.</param>
/// <param name="State">Of the form.</param>
public sealed record EditCredentialModel(ProviderKeyView Key, FormState State);

/// <param name="Key">The credential that is to go.</param>
/// <param name="IsLast">There is no other for the same requests.</param>
/// <param name="Models">Names that stop then.</param>
public sealed record DeleteCredentialModel(ProviderKeyView Key, bool IsLast, IReadOnlyList<string> Models);

/// <param name="Provider">Which is tested.</param>
/// <param name="Slot">The environment.</param>
/// <param name="Key">Its credential; null: the sandbox needs none.</param>
/// <param name="Test">What came of it; null: nothing yet.</param>
/// <param name="State">Of the form.</param>
public sealed record TestModel(ProviderCard Provider, ProviderSlot Slot, ProviderKeyView? Key, ProviderTestView? Test, FormState State);
