using System.Text;
using System.Text.Json;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Prompts;

/// <summary>The prompt that a request names, with values for its variables: in headers, or in a member of its body.</summary>
internal sealed class PromptCall
{
    public const string NameHeader = "X-Cencori-Prompt";
    public const string ValuesHeader = "X-Cencori-Prompt-Vars";

    private const string Member = "prompt";

    private PromptCall(string name, Dictionary<string, string> values, string namePlace, string valuesPlace) =>
        (Name, Values, NamePlace, ValuesPlace) = (name, values, namePlace, valuesPlace);

    public string Name { get; }

    public Dictionary<string, string> Values { get; }

    /// <summary>Where the name stands, for whoever reads an error.</summary>
    public string NamePlace { get; }

    /// <summary>Likewise, the values.</summary>
    public string ValuesPlace { get; }

    /// <summary>Null, or what is wrong. Where the headers name no prompt, <paramref name="call"/> is null.</summary>
    public static EdgeError? Read(IHeaderDictionary headers, out PromptCall? call)
    {
        call = null;
        var isNamed = headers.TryGetValue(NameHeader, out var names);
        var hasValues = headers.TryGetValue(ValuesHeader, out var given);
        if (!isNamed)
        {
            return hasValues ? EdgeError.Invalid($"{ValuesHeader} has values for a prompt, and {NameHeader} names none.", ValuesHeader) : null;
        }

        if (names.Count != 1 || string.IsNullOrWhiteSpace(names[0]))
        {
            return EdgeError.Invalid($"{NameHeader} is the name of one prompt.", NameHeader);
        }

        var values = PromptValues.None;
        if (hasValues && (given.Count != 1 || !TryReadHeader(given[0]!, out values)))
        {
            return PromptValues.Malformed(ValuesHeader);
        }

        call = new(names[0]!.Trim(), values, NameHeader, ValuesHeader);
        return null;
    }

    /// <summary>
    /// Null, or what is wrong. A provider's own, which is text or has an <c>id</c> and no <c>name</c>, is nothing of the edge's, and
    /// <paramref name="call"/> is null.
    /// </summary>
    /// <param name="member">The value of the body's <c>prompt</c>, valid JSON.</param>
    /// <param name="call">What it says.</param>
    public static EdgeError? Read(ReadOnlySpan<byte> member, out PromptCall? call)
    {
        call = null;
        string? name = null;
        Dictionary<string, string>? values = null;
        var (hasId, hasMore) = (false, false);
        var given = default(Utf8JsonReader);
        try
        {
            var reader = new Utf8JsonReader(member);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var field = reader.GetString();
                reader.Read();
                if (field == "name" && name is null && reader.TokenType == JsonTokenType.String)
                {
                    name = reader.GetString();
                }
                else if (field == "variables" && values is null)
                {
                    // Read where it is known whose it is: a provider's own may be anything.
                    values = PromptValues.None;
                    given = reader;
                    reader.Skip();
                }
                else
                {
                    hasId |= field == "id";
                    hasMore = true;
                    reader.Skip();
                }
            }

            if (name is null && hasId)
            {
                return null;
            }

            if (hasMore || string.IsNullOrWhiteSpace(name))
            {
                return EdgeError.Invalid($"'{Member}' has a name and perhaps variables, each once, and nothing else.", Member);
            }

            if (given.TokenType is not (JsonTokenType.None or JsonTokenType.Null) && !PromptValues.TryRead(ref given, out values))
            {
                return PromptValues.Malformed($"{Member}.variables");
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return EdgeError.Invalid($"'{Member}' has an escape that is half a character, or is nested too deep.", Member);
        }

        call = new(name, values ?? PromptValues.None, $"{Member}.name", $"{Member}.variables");
        return null;
    }

    private static bool TryReadHeader(string json, out Dictionary<string, string> values)
    {
        values = PromptValues.None;
        try
        {
            var reader = new Utf8JsonReader(Encoding.ASCII.GetBytes(json));
            return Ascii.IsValid(json) && reader.Read() && PromptValues.TryRead(ref reader, out values) && !reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
