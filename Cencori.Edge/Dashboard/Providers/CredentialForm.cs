using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Providers;

/// <summary>What the forms of credentials say of when one is chosen. What is wrong with it is told by the name of its field.</summary>
internal static class CredentialForm
{
    public static FormState Of(Tagged<ProviderKeyView> key) => new(new Dictionary<string, string?>
    {
        ["name"] = key.Value.Name,
        ["rank"] = key.Value.Rank.ToString(CultureInfo.InvariantCulture),
        ["weight"] = key.Value.Weight.ToString(CultureInfo.InvariantCulture),
        ["models"] = string.Join('\n', key.Value.Models ?? []),
        ["enabled"] = key.Value.Enabled ? "on" : null,
        ["baseUrl"] = key.Value.BaseUrl,
        ["tag"] = key.Tag,
    });

    /// <exception cref="RefusedException">It cannot be read.</exception>
    public static NewProviderKey Complete(NewProviderKey body, IFormCollection form) =>
        body with { Rank = Number(form, "rank"), Weight = Number(form, "weight"), Models = Lines(form["models"]) };

    /// <exception cref="RefusedException">It cannot be read.</exception>
    public static ProviderKeyChange ReadChange(IFormCollection form) => new()
    {
        Name = form["name"].ToString().Trim(),
        Rank = Number(form, "rank"),
        Weight = Number(form, "weight"),
        Models = Lines(form["models"]),
        Enabled = form["enabled"] == "on",
        BaseUrl = form["baseUrl"].ToString().Trim() is { Length: > 0 } address ? address : null,
    };

    // What is beyond every number of the kind is refused as the largest.
    private static int? Number(IFormCollection form, string name) => FormNumbers.Whole(form, name) is { } number ? (int)Math.Min(number, int.MaxValue) : null;

    /// <returns>Null: there is none.</returns>
    private static List<string>? Lines(string? text) =>
        text?.Split(['\n', '\r', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } lines ? [.. lines] : null;
}
