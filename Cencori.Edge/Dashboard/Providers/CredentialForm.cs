using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Providers;

/// <summary>Reads the fields of credential forms that decide when a credential is used. Errors name the form's field.</summary>
internal static class CredentialForm
{
    private const string Requests = "limits.requests_per_minute";
    private const string Burst = "limits.burst";
    private const string Tokens = "limits.tokens_per_minute";
    private const string ConcurrentRequests = "limits.concurrent_requests";

    /// <summary>The names of the limit fields.</summary>
    public static readonly string[] Limits = [Requests, Burst, Tokens, ConcurrentRequests];

    public static FormState Of(Tagged<ProviderKeyView> key) => new(new Dictionary<string, string?>
    {
        ["name"] = key.Value.Name,
        ["rank"] = key.Value.Rank.ToString(CultureInfo.InvariantCulture),
        ["weight"] = key.Value.Weight.ToString(CultureInfo.InvariantCulture),
        ["models"] = string.Join('\n', key.Value.Models ?? []),
        ["enabled"] = key.Value.Enabled ? "on" : null,
        ["baseUrl"] = key.Value.BaseUrl,
        ["tag"] = key.Tag,
        [Requests] = Text(key.Value.Limits?.RequestsPerMinute),
        [Burst] = key.Value.Limits is { } limits && limits.Burst != limits.RequestsPerMinute ? Text(limits.Burst) : null,
        [Tokens] = Text(key.Value.Limits?.TokensPerMinute),
        [ConcurrentRequests] = Text(key.Value.Limits?.ConcurrentRequests),
    });

    /// <exception cref="RefusedException">A field is invalid.</exception>
    public static NewProviderKey Complete(NewProviderKey body, IFormCollection form) =>
        body with { Rank = Number(form, "rank"), Weight = Number(form, "weight"), Models = Lines(form["models"]), Limits = LimitsIn(form) };

    /// <exception cref="RefusedException">A field is invalid.</exception>
    public static ProviderKeyChange ReadChange(IFormCollection form) => new()
    {
        Name = form["name"].ToString().Trim(),
        Rank = Number(form, "rank"),
        Weight = Number(form, "weight"),
        Models = Lines(form["models"]),
        Enabled = form["enabled"] == "on",
        Limits = LimitsIn(form),
        BaseUrl = form["baseUrl"].ToString().Trim() is { Length: > 0 } address ? address : null,
    };

    private static CredentialLimits LimitsIn(IFormCollection form) => new()
    {
        RequestsPerMinute = FormNumbers.ReadInteger(form, Requests),
        Burst = FormNumbers.ReadInteger(form, Burst),
        TokensPerMinute = FormNumbers.ReadInteger(form, Tokens),
        ConcurrentRequests = FormNumbers.ReadInteger(form, ConcurrentRequests),
    };

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    // Reads a whole number. A number too large for an int becomes int.MaxValue, which the range checks of the API refuse.
    private static int? Number(IFormCollection form, string name) => FormNumbers.ReadInteger(form, name) is { } number ? (int)Math.Min(number, int.MaxValue) : null;

    /// <returns>Null: the text has no lines.</returns>
    private static List<string>? Lines(string? text) =>
        text?.Split(['\n', '\r', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } lines ? [.. lines] : null;
}
