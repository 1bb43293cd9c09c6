using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Placeholder for a secret in a document: <c>${env:OPENAI_API_KEY}</c>. The apply command replaces it by the environment variable's value; the edge does not.</summary>
internal static partial class SecretReference
{
    public static string To(string name) => $"${{env:{name}}}";

    /// <summary>Creates a reference to a variable whose name is built from the parts.</summary>
    public static string Of(params string?[] parts) =>
        To(string.Join('_', parts.Where(part => !string.IsNullOrEmpty(part)).Select(part => string.Concat(part!.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_')))));

    /// <summary>Returns the name of the variable. Null: the text is not a reference.</summary>
    public static string? NameIn(string text) => Form().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>Replaces references in fields for secrets by the values of their variables. References in other fields stay, because many people can read
    /// other fields. A reference also stays if its variable is not set.</summary>
    public static void Resolve(JsonObject document, Func<string, string?> find)
    {
        foreach (var project in Objects(document["projects"]))
        {
            foreach (var credential in Objects(project["provider_keys"]))
            {
                Put(credential, CurrentState.ApiKey, find);
            }

            foreach (var rule in Objects((project["policies"] as JsonObject)?["rules"]))
            {
                Put(rule["guardrail"] as JsonObject, CurrentState.PolicySecret, find);
            }

            Put((project["policies"] as JsonObject)?["webhook"] as JsonObject, CurrentState.PolicySecret, find);
            foreach (var owner in Objects(project["agents"]).Concat(Objects(project["api_keys"])).Prepend(project))
            {
                Put(owner["budget"] as JsonObject, CurrentState.WebhookSecret, find);
            }
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static void Put(JsonObject? members, string name, Func<string, string?> find)
    {
        if (members?[name] is JsonValue value && value.TryGetValue<string>(out var text) && NameIn(text) is { } variable && find(variable) is { Length: > 0 } found)
        {
            members[name] = found;
        }
    }

    [GeneratedRegex(@"^\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}$")]
    private static partial Regex Form();
}
