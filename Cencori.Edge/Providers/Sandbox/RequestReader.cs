using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>Reads the fields of a request body. Keeps the first error and continues, so that an endpoint checks for an error once, at the end.</summary>
internal sealed class RequestReader(JsonElement body, CancellationToken aborted)
{
    public CancellationToken Aborted => aborted;

    public SandboxError? Error { get; private set; }

    /// <summary>Finds a field. A field with the value null counts as absent, as with OpenAI.</summary>
    public bool TryGet(string name, out JsonElement value) =>
        body.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>True if the field exists, even with the value null.</summary>
    public bool Has(string name) => body.TryGetProperty(name, out _);

    public string? Text(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        Refuse(name, $"'{name}' must be a string.");
        return null;
    }

    public bool Flag(string name)
    {
        if (TryGet(name, out var value) && value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Refuse(name, $"'{name}' must be a boolean.");
        }

        return value.ValueKind == JsonValueKind.True;
    }

    public int? Integer(string name, int min, int max)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max)
        {
            return number;
        }

        Refuse(name, $"'{name}' must be an integer between {min} and {max}.");
        return null;
    }

    /// <summary>Reads a string, or an array of at most <paramref name="max"/> strings.</summary>
    public IReadOnlyList<string> Texts(string name, int max, int longest)
    {
        if (!TryGet(name, out var value))
        {
            return [];
        }

        IReadOnlyList<string>? texts = value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array when value.GetArrayLength() <= max && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
                [.. value.EnumerateArray().Select(item => item.GetString()!)],
            _ => null,
        };
        if (texts is not null && texts.All(text => text.Length <= longest))
        {
            return texts;
        }

        Refuse(name, $"'{name}' must be a string or an array of at most {max} strings, none longer than {longest} characters.");
        return [];
    }

    /// <summary><c>stream_options.include_usage</c>, which has a meaning only together with <c>stream</c>.</summary>
    public bool IncludesUsage() =>
        TryGet("stream_options", out var options)
        && options.ValueKind == JsonValueKind.Object
        && options.TryGetProperty("include_usage", out var include)
        && include.ValueKind == JsonValueKind.True;

    public void Refuse(string? param, string message) => Error ??= SandboxError.Invalid(message, param);
}
