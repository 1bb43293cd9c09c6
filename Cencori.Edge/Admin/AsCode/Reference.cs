using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>What stands in a document in the place of a secret: <c>${env:OPENAI_API_KEY}</c>. Whoever applies it knows the secret; the edge resolves none.</summary>
internal static partial class Reference
{
    public static string To(string name) => $"${{env:{name}}}";

    /// <summary>To a variable that is named after what it is for.</summary>
    public static string Of(params string?[] parts) =>
        To(string.Join('_', parts.Where(part => !string.IsNullOrEmpty(part)).Select(part => string.Concat(part!.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_')))));

    /// <summary>Null: it is none.</summary>
    public static string? NameIn(string text) => Form().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>Puts values in their place, wherever that is. Those that there are not stay.</summary>
    public static void Resolve(JsonNode? node, Func<string, string?> find)
    {
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members.ToList())
            {
                if (Found(value, find) is { } found)
                {
                    members[name] = found;
                }
                else
                {
                    Resolve(value, find);
                }
            }
        }

        for (var index = 0; node is JsonArray items && index < items.Count; index++)
        {
            if (Found(items[index], find) is { } found)
            {
                items[index] = found;
            }
            else
            {
                Resolve(items[index], find);
            }
        }
    }

    private static string? Found(JsonNode? node, Func<string, string?> find) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && NameIn(text) is { } name && find(name) is { Length: > 0 } found ? found : null;

    [GeneratedRegex(@"^\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}$")]
    private static partial Regex Form();
}
