using System.Text;
using System.Text.Json;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Prompts;

/// <summary>Reads the prompt that a request names, and the values for its variables, from headers or from a member of the body.</summary>
internal sealed class PromptCall
{
    public const string NameHeader = "X-Cencori-Prompt";
    public const string ValuesHeader = "X-Cencori-Prompt-Vars";

    private const string Member = "prompt";

    private PromptCall(string name, Dictionary<string, string> values, string namePlace, string valuesPlace) =>
        (Name, Values, NamePlace, ValuesPlace) = (name, values, namePlace, valuesPlace);

    public string Name { get; }

    public Dictionary<string, string> Values { get; }

    /// <summary>The header or member that contains the prompt's name, for error messages.</summary>
    public string NamePlace { get; }

    /// <summary>The header or member that contains the values of the prompt's variables, for error messages.</summary>
    public string ValuesPlace { get; }

    /// <summary>Reads the headers. Returns an error, or null on success. <paramref name="call"/> is null if the headers name no prompt.</summary>
    public static EdgeError? Read(IHeaderDictionary headers, out PromptCall? call)
    {
        call = null;
        var isNamed = headers.TryGetValue(NameHeader, out var names);
        var hasValues = headers.TryGetValue(ValuesHeader, out var given);
        if (!isNamed)
        {
            return hasValues ? EdgeError.Invalid($"Send the name of the prompt in {NameHeader} when you send {ValuesHeader}.", ValuesHeader) : null;
        }

        if (names.Count != 1 || string.IsNullOrWhiteSpace(names[0]))
        {
            return EdgeError.Invalid($"{NameHeader} must be the name of one prompt.", NameHeader);
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
    /// Reads the member <c>prompt</c> of the body. Returns an error, or null on success. A provider's own <c>prompt</c>, which is text or has an <c>id</c>
    /// and no <c>name</c>, is ignored, and <paramref name="call"/> is null.
    /// </summary>
    /// <param name="member">The value of the body's <c>prompt</c>, valid JSON.</param>
    /// <param name="call">The prompt of the body.</param>
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
                    // The variables are parsed after this loop. A provider's own prompt may have variables of any form, so they must not cause an error here.
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
                return EdgeError.Invalid($"'{Member}' must be an object with a non-empty string 'name'. It may also have 'variables', but no other and no repeated members.", Member);
            }

            if (given.TokenType is not (JsonTokenType.None or JsonTokenType.Null) && !PromptValues.TryRead(ref given, out values))
            {
                return PromptValues.Malformed($"{Member}.variables");
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return EdgeError.Invalid($"'{Member}' must not have an escape that is an unpaired surrogate, and must not be nested too deeply.", Member);
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
