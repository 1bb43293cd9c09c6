using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>What a form shows: what it was opened with, or what was sent and could not be carried out, which nobody has to type again.</summary>
/// <param name="Values">By the names of the fields.</param>
/// <param name="Error">Why it was not carried out; null: it was not sent.</param>
public sealed record FormState(IReadOnlyDictionary<string, string?> Values, EdgeError? Error = null)
{
    public static FormState Empty { get; } = new(new Dictionary<string, string?>());

    /// <summary>A form that was refused, as it was sent. What was typed into fields that <paramref name="secret"/> names is not sent back.</summary>
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

    /// <summary>Why this field is at fault; null: it is not.</summary>
    public string? ErrorOf(string field) => Error?.Param is { } param && (param == field || param.StartsWith(field + "[", StringComparison.Ordinal) || param.StartsWith(field + ".", StringComparison.Ordinal)) ? Error.Message : null;
}
