using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Memory.Api;

/// <summary>Reads the members of a JSON object in a request body, and keeps the first error. A member that is never read counts as unknown, which is an error.</summary>
internal sealed partial class MemoryBody
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonElement _json;
    private readonly string _prefix;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <param name="json">The JSON to read. JSON that is not an object is an error.</param>
    /// <param name="prefix">Prefix of member names in messages, such as <c>items[3].</c></param>
    public MemoryBody(JsonElement json, string prefix = "")
    {
        (_json, _prefix) = (json, prefix);
        if (json.ValueKind != JsonValueKind.Object)
        {
            Error = EdgeError.Invalid(prefix.Length == 0 ? "The body must be a JSON object." : $"'{prefix.TrimEnd('.')}' must be an object.", prefix.Length == 0 ? null : prefix.TrimEnd('.'));
        }
    }

    /// <summary>The first error. Null: no error so far.</summary>
    public EdgeError? Error { get; private set; }

    /// <summary>Whether a member exists and is not null.</summary>
    public bool Has(string name, out JsonElement value)
    {
        _known.Add(name);
        value = default;
        return Error is null && _json.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    /// <param name="name">Name of the member.</param>
    /// <param name="longest">Maximum length in characters.</param>
    /// <param name="isRequired">True: it is an error if the member is missing or empty.</param>
    public string? Text(string name, int longest, bool isRequired = false)
    {
        if (!Has(name, out var value))
        {
            return isRequired ? Refuse(name, $"'{_prefix}{name}' is missing.") : null;
        }

        if (value.ValueKind != JsonValueKind.String || TextOf(value) is not { } text)
        {
            return Refuse(name, $"'{_prefix}{name}' must be a string.");
        }

        return text.Length > longest ? Refuse(name, $"'{_prefix}{name}' must have at most {longest} characters. It has {text.Length}.")
            : isRequired && string.IsNullOrWhiteSpace(text) ? Refuse(name, $"'{_prefix}{name}' must not be empty.")
            : text.Contains('\0', StringComparison.Ordinal) ? Refuse(name, $"'{_prefix}{name}' must not have the character U+0000.")
            : text;
    }

    public int? Integer(string name, int min, int max)
    {
        if (!Has(name, out var value))
        {
            return null;
        }

        var fits = value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _) && value.GetInt32() >= min && value.GetInt32() <= max;
        _ = fits ? null : Refuse(name, $"'{_prefix}{name}' must be a whole number from {min} to {max}.");
        return fits ? value.GetInt32() : null;
    }

    /// <summary>Reads a number from 0 to 1. Null: the member is missing or invalid.</summary>
    public double? Share(string name)
    {
        if (!Has(name, out var value))
        {
            return null;
        }

        var fits = value.ValueKind == JsonValueKind.Number && value.GetDouble() is >= 0 and <= 1;
        _ = fits ? null : Refuse(name, $"'{_prefix}{name}' must be a number from 0 to 1.");
        return fits ? value.GetDouble() : null;
    }

    /// <summary>Reads a time in the future. Null: the member is missing or invalid.</summary>
    public DateTimeOffset? Time(string name, DateTimeOffset now)
    {
        if (!Has(name, out var value))
        {
            return null;
        }

        if (TimeOf(value) is not { } time)
        {
            Refuse(name, $"'{_prefix}{name}' must be a time such as 2030-12-31T00:00:00Z.");
            return null;
        }

        if (time <= now)
        {
            Refuse(name, $"'{_prefix}{name}' must be a time in the future.");
            return null;
        }

        return DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
    }

    /// <summary>Whether a member is a time that has passed.</summary>
    public bool IsPast(string name, DateTimeOffset now) => Has(name, out var value) && TimeOf(value) <= now;

    /// <summary>Reads metadata: a JSON object without nested objects. Null: the member is missing or invalid.</summary>
    public string? Metadata(string name)
    {
        if (!Has(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return Refuse(name, $"'{_prefix}{name}' must be an object.");
        }

        foreach (var member in value.EnumerateObject())
        {
            if (!IsFlat(member.Value))
            {
                return Refuse($"{name}.{Shown(member.Name)}", $"'{_prefix}{name}.{Shown(member.Name)}' must be a string, a number, true, false, null, or a list of strings.");
            }
        }

        // The stored form escapes all letters outside ASCII, which does not count for the limit.
        string text;
        int bytes;
        try
        {
            (text, bytes) = (JsonSerializer.Serialize(value), JsonSerializer.SerializeToUtf8Bytes(value, Plain).Length);
        }
        catch (InvalidOperationException)
        {
            return Refuse(name, $"'{_prefix}{name}' must have only texts of valid Unicode.");
        }

        return bytes > NewMemory.LongestMetadata ? Refuse(name, $"'{_prefix}{name}' must take at most {NewMemory.LongestMetadata} bytes. It takes {bytes}.")
            : text.Contains("\\u0000", StringComparison.Ordinal) ? Refuse(name, $"'{_prefix}{name}' must not have the character U+0000.")
            : text == "{}" ? null
            : text;
    }

    /// <summary>Reads a vector and normalizes it to length 1. Null: the member is missing or invalid.</summary>
    public float[]? Vector(string name)
    {
        if (!Has(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > EmbeddingModels.MaxDimensions)
        {
            Refuse(name, value.ValueKind == JsonValueKind.Array
                ? $"'{_prefix}{name}' has {value.GetArrayLength()} numbers; a vector needs as many as the namespace has dimensions, {EmbeddingModels.MaxDimensions} at most."
                : $"'{_prefix}{name}' must be a list of numbers.");
            return null;
        }

        var vector = new float[value.GetArrayLength()];
        var i = 0;
        foreach (var number in value.EnumerateArray())
        {
            if (number.ValueKind != JsonValueKind.Number || !number.TryGetSingle(out vector[i]) || !float.IsFinite(vector[i]))
            {
                Refuse(name, $"'{_prefix}{name}[{i}]' must be a finite number.");
                return null;
            }

            i++;
        }

        if (!Vectors.TryNormalize(vector))
        {
            Refuse(name, $"'{_prefix}{name}' must have a number other than zero.");
            return null;
        }

        return vector;
    }

    /// <summary>Keeps the error if it is the first.</summary>
    /// <returns>Always null, so that a reading method can return the result.</returns>
    public string? Refuse(string name, string message)
    {
        Error ??= EdgeError.Invalid(message, _prefix + name);
        return null;
    }

    /// <summary>Adds an error for members that were not read, and returns the first error or null. Call it after all members were read.</summary>
    public EdgeError? End()
    {
        if (Error is null)
        {
            foreach (var member in _json.EnumerateObject())
            {
                if (!_known.Contains(member.Name))
                {
                    Refuse(Shown(member.Name), $"Unknown member '{_prefix}{Shown(member.Name)}'. Known members: {string.Join(", ", _known.Order(StringComparer.Ordinal))}.");
                }
            }
        }

        return Error;
    }

    private static bool IsFlat(JsonElement value) =>
        value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null
        || IsText(value)
        || (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(IsText));

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String && TextOf(value) is not null;

    // Returns null for a text with an unpaired surrogate, which is not valid Unicode.
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static DateTimeOffset? TimeOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && TextOf(value) is { } text && Date().IsMatch(text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    // A time must begin with a date in this form. DateTimeOffset.TryParse also accepts other forms, which are more likely mistakes.
    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}")]
    private static partial Regex Date();

    private static string Shown(string name) => name.Length <= 100 ? name : name[..100];
}
