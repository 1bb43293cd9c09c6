using System.Text.Json;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Pricing;

/// <summary>What prices.json says.</summary>
public static class PriceFile
{
    public const string FileName = "prices.json";

    /// <exception cref="FormatException">It is no list of prices; the message says why.</exception>
    public static PriceTable Parse(ReadOnlySpan<byte> content)
    {
        Document document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(content, PriceRules.Json) ?? throw new FormatException("it is null.");
        }
        catch (JsonException exception)
        {
            throw new FormatException(exception.Message, exception);
        }

        return PriceRules.Check(document.Prices) is var (message, _) ? throw new FormatException(message) : new PriceTable(document.Prices);
    }

    private sealed record Document
    {
        /// <summary>For people.</summary>
        public string? About { get; init; }

        public required List<ModelPrice> Prices { get; init; }
    }
}
