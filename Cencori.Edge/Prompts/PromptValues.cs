using System.Text.Json;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Prompts;

/// <summary>Values of a prompt's variables, as a JSON object says them: strings, or numbers and truth values, which are taken as they stand.</summary>
internal static class PromptValues
{
    public static Dictionary<string, string> None { get; } = [];

    /// <param name="reader">On the value; afterwards, where it is read, on its last token.</param>
    /// <param name="values">By name.</param>
    /// <returns>False: it is something else, or has a name twice.</returns>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidOperationException">It has half a character.</exception>
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

            // More than any prompt has is not worth reading to its end.
            if (value is null || !values.TryAdd(name, value) || values.Count > PromptTemplate.MaxVariables)
            {
                return false;
            }
        }

        return true;
    }

    public static EdgeError Malformed(string place) => EdgeError.Invalid(
        $"{place} is a JSON object with a string, a number or a truth value for each of at most {PromptTemplate.MaxVariables} variables, none of them twice, in a header written in ASCII with \\u escapes for all else.", place);

    /// <summary>Null, or which variable has no value, or which value no variable.</summary>
    /// <param name="values">What is given.</param>
    /// <param name="variables">What the prompt has.</param>
    /// <param name="place">Where the values stand.</param>
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
        return EdgeError.Invalid(PromptParts.IsName(unused) ? $"The prompt has no variable '{unused}'." : "A value is for a variable that no prompt can have.", place);
    }
}
