using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Cencori.Edge.Errors;
using Cencori.Edge.Settings;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Admin;

/// <summary>Reads and writes JSON of the administration API, in snake_case. Unknown and duplicate members are errors.</summary>
public static partial class AdminJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        Converters = { new SnakeCaseEnums() },
    };

    private const string Unmapped = "The JSON property '";

    // Maps a part of a .NET type name in the serializer's message to words for the caller. Collections come first, because a list's type name contains its element type.
    private static readonly (string Type, string What)[] ExpectedTypes =
    [
        ("Collections.Generic.Dictionary", "an object"), ("Collections.Generic.List", "a list"), ("System.String", "a text, in quotes"), ("System.Boolean", "true or false"), ("System.Int", "a whole number, without quotes"),
        ("System.Decimal", "a number, without quotes"), ("System.Double", "a number, without quotes"), ("System.DateTimeOffset", "a time such as 2030-12-31T00:00:00Z"),
    ];

    /// <exception cref="RefusedException">The body is not valid JSON of this type.</exception>
    public static async Task<T> ReadBodyAsync<T>(this HttpContext context)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new RefusedException(new EdgeError(ErrorKind.UnsupportedMediaType, "The body must be application/json."));
        }

        try
        {
            return await context.Request.ReadFromJsonAsync<T>(Options, context.RequestAborted) ?? throw new RefusedException(EdgeError.Invalid("The body must be a JSON object."));
        }
        catch (JsonException exception)
        {
            throw new RefusedException(Describe(exception));
        }
        catch (InvalidOperationException)
        {
            throw new RefusedException(new EdgeError(ErrorKind.UnsupportedMediaType, "The body's charset is not known. Send UTF-8."));
        }
    }

    /// <summary>Like ReadBodyAsync, but returns an object with default values if the request has no body.</summary>
    public static async Task<T> ReadBodyIfAnyAsync<T>(this HttpContext context)
        where T : class, new() =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true ? await context.ReadBodyAsync<T>() : new T();

    public static Task RespondAsync(this HttpContext context, int status, object body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, body.GetType(), Options, contentType: null, context.RequestAborted);
    }

    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body.</param>
    /// <param name="tag">ETag of the object in the body; see <see cref="EntityTags"/>.</param>
    public static Task RespondAsync(this HttpContext context, int status, object body, string tag)
    {
        context.Response.Headers.ETag = tag;
        return context.RespondAsync(status, body);
    }

    internal static bool IsOfUnknownField(JsonException exception) => exception.Message.StartsWith(Unmapped, StringComparison.Ordinal);

    // Creates the error for the caller. The error has the field's path, and not the serializer's message:
    // the message names .NET types and can contain a value from the body.
    internal static EdgeError Describe(JsonException exception)
    {
        if (IsOfUnknownField(exception) && exception.Message.IndexOf('\'', Unmapped.Length) is > 0 and var end)
        {
            var field = exception.Message[Unmapped.Length..end];
            return EdgeError.Invalid($"Unknown field '{field}'.{NearestName.Suggest(field, NamesOf(exception.Message))}", PlaceOf(exception) ?? field);
        }

        const string Missing = "including: ";
        if (exception.Message.IndexOf(Missing, StringComparison.Ordinal) is > 0 and var start)
        {
            return EdgeError.Invalid($"A required field is missing: {exception.Message[(start + Missing.Length)..].TrimEnd('.')}.", PlaceOf(exception));
        }

        if (exception.Message.StartsWith("Duplicate propert", StringComparison.Ordinal))
        {
            return EdgeError.Invalid(PlaceOf(exception) is { } twice ? $"The field '{twice}', or a field inside of it, appears twice. Send each field once." : "A field appears twice. Send each field once.", PlaceOf(exception));
        }

        return PlaceOf(exception) is { } place
            ? EdgeError.Invalid($"The field '{place}' has a wrong value{DescribeExpected(exception.Message)}.", place)
            : EdgeError.Invalid($"The body is not the JSON object that this endpoint expects (line {exception.LineNumber + 1}).");
    }

    // Shortens a JSON path for the error: $.groups[0].model becomes groups[0].model, and $.headers['x-tier'] becomes headers.x-tier.
    // Null: the error is about the whole body.
    private static string? PlaceOf(JsonException exception) => exception.Path is { Length: > 2 } path ? Quoted().Replace(path[1..], ".$1").TrimStart('.') : null;

    // Returns the members of the type that lacks the unknown field. The serializer's message ends with the quoted name of this type.
    private static IEnumerable<string> NamesOf(string sentence) =>
        sentence.Split('\'') is [.., var name, _] && typeof(AdminJson).Assembly.GetType(name) is { } type ? Options.GetTypeInfo(type).Properties.Select(property => property.Name) : [];

    // Describes the values that the field takes, from the type in the serializer's message.
    private static string DescribeExpected(string sentence) =>
        Nulled().Match(sentence) is { Success: true } nulled ? TypeOf(nulled.Groups[2].Value, nulled.Groups[1].Value) is { } of ? DescribeExpected(of) : ""
        : Array.Find(ExpectedTypes, take => sentence.Contains(take.Type, StringComparison.Ordinal)) is { What: { } what } ? $": it takes {what}"
        : Own().Match(sentence) is { Success: true } match && typeof(AdminJson).Assembly.GetType(match.Value) is { } type ? $": it takes {DescribeExpectedOf(type)}"
        : "";

    private static string DescribeExpectedOf(Type type) =>
        type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName))}" : "an object";

    private static string? TypeOf(string type, string member) =>
        typeof(AdminJson).Assembly.GetType(type) is { } owner ? Options.GetTypeInfo(owner).Properties.FirstOrDefault(property => property.Name == member)?.PropertyType.FullName : null;

    // Finds member and type in the serializer's message for a null in a member that must not be null.
    [GeneratedRegex("'([^']+)' on type '([^']+)' doesn't allow")]
    private static partial Regex Nulled();

    [GeneratedRegex(@"\['((?:[^'\\]|\\.)*)'\]")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"Cencori\.Edge\.[\w.+]+\w")]
    private static partial Regex Own();
}
