using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Memory.Api;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Memory;

/// <summary>Converts memory forms to request bodies of the API, so that the same rules apply. Fields have the API's names, so that API errors name the right field.</summary>
internal static class MemoryForms
{
    public const string Environment = "environment";

    private static readonly string[] OfSearch = ["query", "order", "threshold", "limit", "filter"];
    private static readonly string[] OfReembedding = ["embeddingModel", "dimensions"];

    public static FormState NewNamespace(KeyEnvironment environment) => new(new Dictionary<string, string?> { [Environment] = EnvironmentName(environment) });

    public static FormState Search { get; } = new(new Dictionary<string, string?> { ["order"] = SearchBody.NameOf(MemoryOrder.Vector), ["limit"] = "10" });

    public static string EnvironmentName(KeyEnvironment environment) => environment.ToString().ToLowerInvariant();

    public static KeyEnvironment EnvironmentOf(IFormCollection form) => form[Environment] == EnvironmentName(KeyEnvironment.Test) ? KeyEnvironment.Test : KeyEnvironment.Production;

    public static JsonObject NamespaceOf(IFormCollection form) =>
        Body([.. Texts(form, "name", "description", "embeddingModel", "agentId"), .. Numbers(form, "dimensions", "defaultThreshold")]);

    public static JsonObject ModelOf(IFormCollection form) => Body([.. Texts(form, "embeddingModel"), .. Numbers(form, "dimensions")]);

    /// <exception cref="RefusedException">The filter is not JSON.</exception>
    public static JsonObject SearchOf(IFormCollection form)
    {
        var body = Body([.. Texts(form, "query", "order"), .. Numbers(form, "threshold", "limit")]);
        if (form["filter"].ToString() is var filter && !string.IsNullOrWhiteSpace(filter))
        {
            try
            {
                body["filter"] = JsonNode.Parse(filter, documentOptions: new() { AllowDuplicateProperties = false, MaxDepth = 16 });
            }
            catch (JsonException exception)
            {
                throw new RefusedException(EdgeError.Invalid($"The filter must be JSON. Error in line {exception.LineNumber + 1}. An example is {{\"topic\":\"billing\"}}.", "filter"));
            }
        }

        return body;
    }

    public static FormState RefusedSearch(IFormCollection form, EdgeError error) => FormState.Refused(form, AtField(error, OfSearch));

    public static FormState RefusedModel(IFormCollection form, EdgeError error) => FormState.Refused(form, AtField(error, OfReembedding));

    public static FormState Sent(IFormCollection form) => new(form.ToDictionary(field => field.Key, field => (string?)field.Value.ToString(), StringComparer.Ordinal));

    // An error that belongs to no field of the form is shown above the form.
    private static EdgeError AtField(EdgeError error, string[] fields) => error.Param?.Split('.', '[')[0] is { } field && fields.Contains(field) ? error : error with { Param = null };

    private static JsonObject Body(IEnumerable<KeyValuePair<string, JsonNode?>> members) => new(members);

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Texts(IFormCollection form, params string[] names) =>
        Filled(form, names).Select(field => KeyValuePair.Create(field.Name, (JsonNode?)JsonValue.Create(field.Text.ReplaceLineEndings("\n"))));

    // A value that is not a number stays text; the API's rules refuse it.
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Numbers(IFormCollection form, params string[] names) => Filled(form, names).Select(field => KeyValuePair.Create(field.Name,
        (JsonNode?)(long.TryParse(field.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? JsonValue.Create(whole)
            : double.TryParse(field.Text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? JsonValue.Create(number)
            : JsonValue.Create(field.Text))));

    private static IEnumerable<(string Name, string Text)> Filled(IFormCollection form, string[] names) =>
        names.Select(name => (name, form[name].ToString().Trim())).Where(field => field.Item2.Length > 0);
}
