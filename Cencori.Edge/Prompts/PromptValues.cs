using System.Text.Json;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Prompts;

/// <summary>Reads the values of a prompt's variables from a JSON object. A value is a string, or a number or boolean, which is used as written.</summary>
internal static class PromptValues
{
    public static Dictionary<string, string> None { get; } = [];

    /// <param name="reader">Positioned on the JSON object. After success, positioned on its last token.</param>
    /// <param name="values">Values by variable name.</param>
    /// <returns>False: the JSON is not an object whose values are strings, numbers or booleans, or it has too many members, or a name is repeated.</returns>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    /// <exception cref="InvalidOperationException">The text has an unpaired surrogate.</exception>
    public static bool TryRead(ref Utf8JsonReader reader, out Dictionary<string, string> values)
    {
        values = new(StringComparer.Ordinal);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var value = reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString(),
                JsonTokenType.Number => System.Text.Encoding.ASCII.GetString(reader.ValueSpan),
                JsonTokenType.True => "true",
                JsonTokenType.False => "false",
                _ => null,
            };

            // No prompt has more variables than the maximum, so the rest of the object is not read.
            if (value is null || !values.TryAdd(name, value) || values.Count > PromptTemplate.MaxVariables)
            {
                return false;
            }
        }

        return true;
    }

    public static EdgeError Malformed(string place) => EdgeError.Invalid(
        $"{place} must be a JSON object with a string, number or boolean for each of at most {PromptTemplate.MaxVariables} variables, without duplicates. In a header, write non-ASCII characters as \\u escapes.", place);

    /// <summary>Returns an error for a variable without a value, or for a value without a variable. Returns null if all match.</summary>
    /// <param name="values">The given values.</param>
    /// <param name="variables">Variables of the prompt.</param>
    /// <param name="place">The header or member that contains the values, for the error.</param>
    public static EdgeError? Check(Dictionary<string, string> values, IReadOnlyList<string> variables, string place)
    {
        foreach (var variable in variables)
        {
            if (!values.ContainsKey(variable))
            {
                return EdgeError.Invalid($"The prompt needs a value for its variable '{variable}'.", place);
            }
        }

        if (values.Count == variables.Count)
        {
            return null;
        }

        var unused = values.Keys.First(name => !variables.Contains(name));
        return EdgeError.Invalid(PromptParts.IsName(unused) ? $"The prompt has no variable '{unused}'." : "A value has a name that is not valid for a variable.", place);
    }
}
