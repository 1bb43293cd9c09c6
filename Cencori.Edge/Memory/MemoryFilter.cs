using System.Text;
using System.Text.Json;
using Cencori.Edge.Errors;
using Cencori.Edge.Memory.Acceleration;

namespace Cencori.Edge.Memory;

/// <summary>
/// Selects entries by their metadata: <c>{"topic":"billing","year":{"in":[2025,2026]}}</c>. Every condition (term) must match. A value matches an equal value of
/// the same kind, or a list that contains it.
/// </summary>
internal sealed class MemoryFilter
{
    private const int MaxTerms = 32;
    private const int MaxValues = 100;

    private readonly Term[] _terms;

    private MemoryFilter(Term[] terms) => _terms = terms;

    /// <summary>For each condition of the filter, the texts (see <see cref="MetadataTerms"/>) of which an entry must have at least one.</summary>
    public IEnumerable<string[]> Terms => _terms.Select(term => Array.ConvertAll(term.Values, value => value.Write(Encoding.UTF8.GetString(term.Name))));

    /// <param name="json">The filter as the caller sent it.</param>
    /// <param name="filter">The filter. Null: there are no conditions, so every entry matches.</param>
    /// <returns>The error. Null: success.</returns>
    public static EdgeError? Read(JsonElement json, out MemoryFilter? filter)
    {
        filter = null;
        if (json.ValueKind != JsonValueKind.Object)
        {
            return EdgeError.Invalid("'filter' must be an object: {\"topic\":\"billing\"}.", "filter");
        }

        var terms = new List<Term>();
        foreach (var member in json.EnumerateObject())
        {
            var place = $"filter.{(member.Name.Length <= 100 ? member.Name : member.Name[..100])}";
            if (terms.Count == MaxTerms)
            {
                return EdgeError.Invalid($"'filter' must have at most {MaxTerms} members.", "filter");
            }

            if (Read(member.Value, place, out var values) is { } wrong)
            {
                return wrong;
            }

            terms.Add(new Term(Encoding.UTF8.GetBytes(member.Name), values));
        }

        filter = terms.Count == 0 ? null : new MemoryFilter([.. terms]);
        return null;
    }

    /// <param name="metadata">The entry's metadata, a JSON object. Empty: the entry has none.</param>
    public bool Matches(ReadOnlySpan<byte> metadata)
    {
        if (metadata.IsEmpty)
        {
            return false;
        }

        var left = _terms.Length;
        var reader = new Utf8JsonReader(metadata);
        reader.Read();
        while (left > 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var term = Find(ref reader);
            reader.Read();
            if (term is null)
            {
                reader.Skip();
            }
            else if (IsAny(term.Values, ref reader))
            {
                left--;
            }
            else
            {
                return false;
            }
        }

        return left == 0;
    }

    private static EdgeError? Read(JsonElement value, string place, out Value[] values)
    {
        values = [];
        if (value.ValueKind == JsonValueKind.Object)
        {
            var operators = value.EnumerateObject().ToList();
            if (operators.Find(member => !IsOperator(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            {
                return EdgeError.Invalid($"'{place}' has an unknown operator '{(unknown.Name.Length <= 100 ? unknown.Name : unknown.Name[..100])}'. Use 'in' or 'eq'.", place);
            }

            if (operators is not [var only])
            {
                return EdgeError.Invalid($"'{place}' must have one operator: 'in' or 'eq'.", place);
            }

            (value, place) = (only.Value, $"{place}.{only.Name}");
            if (only.Name is "in" or "$in")
            {
                if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > MaxValues)
                {
                    return EdgeError.Invalid($"'{place}' must be a list of 1 to {MaxValues} values.", place);
                }

                values = [.. value.EnumerateArray().Select(Value.Of)];
                return Array.TrueForAll(values, one => one.Kind != JsonTokenType.None) ? null : NotScalar(place);
            }
        }

        values = [Value.Of(value)];
        return values[0].Kind == JsonTokenType.None ? NotScalar(place) : null;
    }

    private static bool IsOperator(string name) => name is "in" or "eq" or "$in" or "$eq";

    private static EdgeError NotScalar(string place) => EdgeError.Invalid($"'{place}' must be a string, a number, true or false; for several values use {{\"in\":[…]}}.", place);

    private Term? Find(ref Utf8JsonReader reader)
    {
        foreach (var term in _terms)
        {
            if (reader.ValueTextEquals(term.Name))
            {
                return term;
            }
        }

        return null;
    }

    private static bool IsAny(Value[] values, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return IsOneOf(values, ref reader);
        }

        var found = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            found = found || IsOneOf(values, ref reader);
        }

        return found;
    }

    private static bool IsOneOf(Value[] values, ref Utf8JsonReader reader)
    {
        foreach (var value in values)
        {
            if (value.Kind == reader.TokenType && (value.Kind switch
            {
                JsonTokenType.String => reader.ValueTextEquals(value.Text),
                JsonTokenType.Number => IsNumber(value, ref reader),
                _ => true,
            }))
            {
                return true;
            }
        }

        return false;
    }

    // Numbers are compared as decimal and not as double, so that ids with many digits stay different.
    private static bool IsNumber(Value value, ref Utf8JsonReader reader) =>
        value.Number is { } number && reader.TryGetDecimal(out var other) ? number == other : reader.ValueSpan.SequenceEqual(value.Text);

    private sealed record Term(byte[] Name, Value[] Values);

    // A value of the filter. If Kind is None, the value is not valid.
    private readonly record struct Value(JsonTokenType Kind, byte[]? Text, decimal? Number)
    {
        public static Value Of(JsonElement json) => json.ValueKind switch
        {
            JsonValueKind.String when TryGetText(json) is { } text => new(JsonTokenType.String, text, null),
            JsonValueKind.Number => new(JsonTokenType.Number, Encoding.UTF8.GetBytes(json.GetRawText()), json.TryGetDecimal(out var number) ? number : null),
            JsonValueKind.True => new(JsonTokenType.True, null, null),
            JsonValueKind.False => new(JsonTokenType.False, null, null),
            _ => default,
        };

        public string Write(string name) => Kind switch
        {
            JsonTokenType.String => MetadataTerms.OfText(name, Encoding.UTF8.GetString(Text!)),
            JsonTokenType.Number => MetadataTerms.OfNumber(name, Number, Encoding.UTF8.GetString(Text!)),
            _ => MetadataTerms.OfFlag(name, Kind == JsonTokenType.True),
        };

        // Returns null for a text with an unpaired surrogate, which is not valid Unicode.
        private static byte[]? TryGetText(JsonElement json)
        {
            try
            {
                return Encoding.UTF8.GetBytes(json.GetString()!);
            }
            catch (InvalidOperationException)
            {
                return null;
            }
        }
    }
}
