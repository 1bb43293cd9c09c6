using System.Text.Json.Nodes;

namespace Cencori.Edge.Admin.Description;

/// <summary>Describes a request or response body, from which the JSON schema is written.</summary>
internal abstract record Shape
{
    /// <summary>JSON of a .NET type.</summary>
    public static Shape Of<T>() => new OfType(typeof(T));

    /// <summary>An object with one member, which is a list of a .NET type.</summary>
    public static Shape ListOf<T>(string member) => new OfMembers([(member, new OfList(new OfType(typeof(T))))]);

    /// <summary>An object with one member, which has a .NET type.</summary>
    public static Shape In<T>(string member) => new OfMembers([(member, new OfType(typeof(T)))]);

    /// <summary>An object with these members and no others.</summary>
    public static Shape Object(params (string Name, Shape Shape)[] members) => new OfMembers(members);

    public static Shape List<T>() => new OfList(new OfType(typeof(T)));

    /// <summary>JSON that the edge forwards, or an object of which only the required members are described.</summary>
    public static Shape Any(params string[] required) => new OfAny(required);

    public abstract JsonObject Write(Schemas schemas);

    private sealed record OfType(Type Type) : Shape
    {
        public override JsonObject Write(Schemas schemas) => schemas.Refer(Type);
    }

    private sealed record OfList(Shape Item) : Shape
    {
        public override JsonObject Write(Schemas schemas) => new() { ["type"] = "array", ["items"] = Item.Write(schemas) };
    }

    private sealed record OfMembers((string Name, Shape Shape)[] Members) : Shape
    {
        public override JsonObject Write(Schemas schemas) => new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(Members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)member.Shape.Write(schemas)))),
            ["required"] = new JsonArray([.. Members.Select(member => (JsonNode)member.Name)]),
            ["additionalProperties"] = false,
        };
    }

    private sealed record OfAny(string[] Required) : Shape
    {
        public override JsonObject Write(Schemas schemas) => Required.Length == 0
            ? new() { ["type"] = "object" }
            : new() { ["type"] = "object", ["required"] = new JsonArray([.. Required.Select(name => (JsonNode)name)]) };
    }
}
