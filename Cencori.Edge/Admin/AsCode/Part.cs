using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>A JSON object inside a configuration document, with its path for errors.</summary>
internal sealed record Part(JsonObject Members, string Path)
{
    /// <summary>Returns a copy without the named members.</summary>
    public Part Without(params string[] names) => new(new JsonObject(Members.Where(member => !names.Contains(member.Key)).Select(Copy)), Path);

    /// <summary>Returns a member that is an object. Null: the member is absent.</summary>
    public Part? Object(string name) => Members.TryGetPropertyValue(name, out var value)
        ? new(value as JsonObject ?? throw Refuse(name, "The value must be an object."), At(name))
        : null;

    /// <summary>Returns a member that is a list of objects. Empty: the member is absent.</summary>
    public IReadOnlyList<Part> List(string name) => Members.TryGetPropertyValue(name, out var value)
        ? [.. (value as JsonArray ?? throw Refuse(name, "The value must be a list.")).Select((item, index) =>
            new Part(item as JsonObject ?? throw Refuse($"{name}[{index}]", "The value must be an object."), $"{At(name)}[{index}]"))]
        : [];

    /// <summary>Returns a member that is a text. Null: the member is absent or null.</summary>
    public string? Text(string name) => Members[name] is not { } value ? null
        : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw Refuse(name, "The value must be a text.");

    /// <summary>Deserializes the members as a body of the administration API.</summary>
    /// <exception cref="RefusedException">The members do not form a valid body.</exception>
    public T As<T>(JsonSerializerOptions? options = null)
    {
        try
        {
            return Members.Deserialize<T>(options ?? AdminJson.Options)!;
        }
        catch (JsonException exception)
        {
            throw At(new RefusedException(AdminJson.Describe(exception)));
        }
    }

    /// <exception cref="RefusedException">A member with another name is present.</exception>
    public void Only(params string[] names)
    {
        if (Members.Select(member => member.Key).FirstOrDefault(name => !names.Contains(name)) is { } unknown)
        {
            throw Refuse(unknown, $"Unknown field '{unknown}'.{Settings.NearestName.Suggest(unknown, names)}");
        }
    }

    public RefusedException Refuse(string? name, string message) => At(new RefusedException(EdgeError.Invalid(message, name)));

    /// <summary>Returns the same refusal, with the path in the document added.</summary>
    public RefusedException At(RefusedException refused) =>
        new(refused.Error with { Param = refused.Error.Param is { } name and not "If-Match" ? At(name) : Path.Length == 0 ? refused.Error.Param : Path });

    private string At(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    private static KeyValuePair<string, JsonNode?> Copy(KeyValuePair<string, JsonNode?> member) => new(member.Key, member.Value?.DeepClone());
}
