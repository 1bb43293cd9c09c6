using System.Text;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin;

/// <summary>Rules that several administration bodies share. Each gives null, or the answer to whoever broke it.</summary>
public static class Checks
{
    public const int MaxModelLength = 256;

    private const int MaxNameLength = 100;
    private const int MaxListLength = 1_000;

    public static EdgeError? Name(string? name) => string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || name.Any(char.IsControl)
        ? EdgeError.Invalid($"A name has 1 to {MaxNameLength} characters, none of them a control character.", "name")
        : null;

    /// <summary>True for what can stand as a model's name in JSON, in a form and in a query.</summary>
    public static bool IsModel(string? model) => !string.IsNullOrEmpty(model) && model.Length <= MaxModelLength && !model.Any(char.IsControl);

    public static EdgeError? AllowedModels(List<string>? models) =>
        models is not null && (models.Count > MaxListLength || models.Exists(model =>
            !IsModel(model) || model.AsSpan()[..^1].Contains('*')))
            ? EdgeError.Invalid("Allowed models are 'model' or 'provider:model', with '*' only at the end.", "allowed_models")
            : null;

    public static EdgeError? AllowedDomains(List<string>? domains) =>
        domains is not null && (domains.Count > MaxListLength || domains.Exists(domain => !IsDomain(domain)))
            ? EdgeError.Invalid("Allowed domains are hosts such as 'example.com' or '*.example.com', without scheme, port or path; internationalised names in their ASCII form (xn--…).", "allowed_domains")
            : null;

    private static bool IsDomain(string? domain)
    {
        var host = domain?.StartsWith("*.", StringComparison.Ordinal) == true ? domain[2..] : domain;

        // Browsers send internationalised names in their ASCII form, so another form could never match.
        return Uri.CheckHostName(host) != UriHostNameType.Unknown && Ascii.IsValid(host);
    }
}
