using System.Text.Json;
using Cencori.Edge.Metering;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>
/// One text of a field that takes a string, several strings, an array of tokens, or several such arrays. The text of a token array is its
/// numbers, because the sandbox has no vocabulary to decode tokens.
/// </summary>
internal readonly record struct TextInput(string Text, int TokenCount)
{
    public static IReadOnlyList<TextInput> Read(RequestReader body, string name, int max)
    {
        var inputs = body.TryGet(name, out var value) ? Parse(value, body.Aborted) : null;
        if (inputs is null)
        {
            body.Refuse(name, $"'{name}' must be a string, an array of strings, or arrays of tokens.");
            return [];
        }

        if (inputs.Count is 0 || inputs.Count > max)
        {
            body.Refuse(name, $"'{name}' must hold between 1 and {max} texts.");
        }

        return inputs;
    }

    private static List<TextInput>? Parse(JsonElement value, CancellationToken aborted)
    {
        if (value.ValueKind == JsonValueKind.String || IsTokens(value))
        {
            return [One(value, aborted)];
        }

        return value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String || IsTokens(item))
                ? [.. value.EnumerateArray().Select(item => One(item, aborted))]
                : null;
    }

    private static bool IsTokens(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
        && value.GetArrayLength() > 0
        && value.EnumerateArray().All(token => token.ValueKind == JsonValueKind.Number);

    private static TextInput One(JsonElement value, CancellationToken aborted)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return new TextInput(string.Join(' ', value.EnumerateArray()), value.GetArrayLength());
        }

        var text = value.GetString()!;
        return new TextInput(text, TextTokens.Count(text, aborted));
    }
}
