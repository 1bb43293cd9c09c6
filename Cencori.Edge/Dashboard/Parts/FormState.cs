using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>The values that a form shows: initial values, or the input of a refused form, so that users need not type it again.</summary>
/// <param name="Values">The values by field name.</param>
/// <param name="Error">Why the form was refused; null: the form was not sent yet.</param>
public sealed record FormState(IReadOnlyDictionary<string, string?> Values, EdgeError? Error = null)
{
    public static FormState Empty { get; } = new(new Dictionary<string, string?>());

    /// <summary>The state of a refused form, with its input except for the fields in <paramref name="secret"/>.</summary>
    public static FormState Refused(IFormCollection form, EdgeError error, params ReadOnlySpan<string> secret)
    {
        var values = new Dictionary<string, string?>();
        foreach (var (name, value) in form)
        {
            values[name] = secret.Contains(name) ? null : value.ToString();
        }

        return new(values, error);
    }

    public string? this[string field] => Values.TryGetValue(field, out var value) ? value : null;

    /// <summary>The error message of a field; null: the field has no error.</summary>
    public string? ErrorOf(string field) => Error?.Param is { } param && (param == field || param.StartsWith(field + "[", StringComparison.Ordinal) || param.StartsWith(field + ".", StringComparison.Ordinal)) ? Error.Message : null;
}
