using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Admin;

/// <summary>Rules that several administration bodies share. Each returns null, or the error for the caller.</summary>
public static class Checks
{
    public const int MaxModelLength = 256;

    private const int MaxNameLength = 100;
    private const int MaxListLength = 1_000;

    public static EdgeError? Name(string? name) => string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || name.Any(char.IsControl)
        ? EdgeError.Invalid($"A name must have 1 to {MaxNameLength} characters, none of them a control character.", "name")
        : null;

    /// <summary>True for a model name that is safe in JSON, in a form and in a query.</summary>
    public static bool IsModel(string? model) => !string.IsNullOrEmpty(model) && model.Length <= MaxModelLength && !model.Any(char.IsControl);

    /// <param name="models">The list to check. Null: every model is allowed.</param>
    /// <param name="field">Name of the field, for the error.</param>
    public static EdgeError? AllowedModels(List<string>? models, string field = "allowed_models") =>
        models is not null && (models.Count > MaxListLength || models.Exists(model =>
            !IsModel(model) || model.AsSpan()[..^1].Contains('*')))
            ? EdgeError.Invalid($"Allowed models must be at most {MaxListLength} names of the form 'model' or 'provider:model', with '*' only at the end.", field)
            : null;

    public static EdgeError? AllowedDomains(List<string>? domains)
    {
        if (domains is null)
        {
            return null;
        }

        // The error names the index and not the value, because the value may be a secret in the wrong field.
        return domains.Count > MaxListLength ? EdgeError.Invalid($"There must be at most {MaxListLength} allowed domains.", "allowed_domains")
            : domains.FindIndex(domain => !AllowedOrigin.TryNormalize(domain, out _)) is >= 0 and var wrong ? EdgeError.Invalid(
                $"Allowed domain no. {wrong + 1} is not valid. Use a host such as 'example.com', '*.example.com', 'localhost' or '[::1]', without scheme, port, path or spaces. "
                + "Use '*' only for the subdomains of one domain ('*.example.com'), not for all domains ('*', '*.com').",
                "allowed_domains")
            : null;
    }

    /// <param name="cidrs">The list to check. Null: every network is allowed.</param>
    public static EdgeError? AllowedCidrs(List<string>? cidrs)
    {
        const string Field = "allowed_cidrs";
        if (cidrs is null)
        {
            return null;
        }

        if (cidrs.Count > AllowedNetworks.MaxCount)
        {
            return EdgeError.Invalid($"There must be at most {AllowedNetworks.MaxCount} allowed networks.", Field);
        }

        // The error names the index, as for domains. A network with bits set after its prefix is not secret but ambiguous, so the error shows both possible meanings.
        var wrong = cidrs.FindIndex(cidr => !Cidr.TryNormalize(cidr, out _));
        return wrong < 0 ? null
            : Cidr.TryParse(cidrs[wrong], out var network, out var address) ? EdgeError.Invalid(
                $"Allowed network no. {wrong + 1} has bits set after its prefix. Write '{network}' for the network, or '{address}' for the address alone.", Field)
            : EdgeError.Invalid($"Allowed network no. {wrong + 1} is not valid. Use a form such as '10.0.0.0/8', '203.0.113.7', '2001:db8::/32' or '::1', without spaces, port, brackets or zone.", Field);
    }

    /// <summary>Converts networks that passed <see cref="AllowedCidrs"/> to their stored form, without duplicates.</summary>
    public static List<string> NormalizeCidrs(List<string> cidrs) => [.. cidrs.Select(cidr => Cidr.TryNormalize(cidr, out var plain) ? plain : cidr).Distinct()];

    /// <summary>Converts domains that passed <see cref="AllowedDomains"/> to their stored form, without duplicates.</summary>
    public static List<string> NormalizeDomains(List<string>? domains) =>
        domains is null ? [] : [.. domains.Select(domain => AllowedOrigin.TryNormalize(domain, out var plain) ? plain : domain).Distinct()];
}
