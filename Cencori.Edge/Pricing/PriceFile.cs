using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Projects;
using Cencori.Edge.Settings;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Pricing;

/// <summary>Parses prices.json.</summary>
public static class PriceFile
{
    public const string FileName = "prices.json";

    private static readonly string[] Fields =
    [
        "about", "prices", .. typeof(ModelPrice).GetProperties().Where(property => property.SetMethod is not null)
            .Select(property => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)),
    ];

    /// <exception cref="FormatException">The content is not a valid price list. The message says why.</exception>
    public static PriceTable Parse(ReadOnlySpan<byte> content)
    {
        Document document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(content, PriceRules.Json) ?? throw new FormatException("it is null.");
        }
        catch (JsonException exception)
        {
            throw new FormatException(Explain(exception), exception);
        }

        return PriceRules.Check(document.Prices) is var (message, _) ? throw new FormatException(message) : new PriceTable(document.Prices);
    }

    // Replaces the framework's message, which names .NET types and counts lines from 0.
    private static string Explain(JsonException exception)
    {
        var path = exception.Path is { Length: > 2 } from ? from[2..] : "";
        var place = exception is { LineNumber: { } line } ? $"line {line + 1}{(path.Length > 0 ? $", {path}" : "")}: " : "";
        return exception.Message.Contains("could not be mapped", StringComparison.Ordinal) && exception.Message.Split('\'') is [_, var name, ..]
            ? $"{place}there is no such field as '{name}'.{NearestName.Suggest(name, Fields)}"
            : exception.Message.Contains("missing required", StringComparison.Ordinal) ? $"{place}a required field is missing: a list has 'prices', and each price 'provider' and 'model'."
            : exception.Message.Contains("could not be converted", StringComparison.Ordinal) ? $"{place}the JSON value is of the wrong kind."
            : $"{place}it is not JSON.";
    }

    private sealed record Document
    {
        /// <summary>A text for people who read the file. The edge does not use it.</summary>
        public string? About { get; init; }

        public required List<ModelPrice> Prices { get; init; }
    }
}
