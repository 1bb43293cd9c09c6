using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Memory.Api;

/// <summary>Parses JSON request bodies, with errors that tell the caller what is wrong.</summary>
internal static class MemoryDocument
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <param name="json">The whole request body.</param>
    /// <param name="document">The parsed document, which the caller must dispose. Null: the JSON is invalid.</param>
    /// <returns>The error. Null: success.</returns>
    public static EdgeError? Parse(ReadOnlyMemory<byte> json, out JsonDocument? document)
    {
        document = null;
        json = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
        if (!Utf8.IsValid(json.Span))
        {
            return EdgeError.Invalid("The body must be valid UTF-8.");
        }

        try
        {
            CheckNames(json.Span);
            document = JsonDocument.Parse(json, Strict);
            return null;
        }
        catch (InvalidOperationException)
        {
            return EdgeError.Invalid("Names of members must be valid Unicode.");
        }
        catch (JsonException exception)
        {
            return EdgeError.Invalid(exception.Message.StartsWith("Duplicate", StringComparison.Ordinal)
                ? "The body must not have the same member twice in an object."
                : string.Create(CultureInfo.InvariantCulture, $"The body is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).{(json.Span.IndexOf("NaN"u8) >= 0 ? " JSON has no NaN." : "")}"));
        }
    }

    // Rejects member names with an unpaired surrogate: later lookups of such a name would throw.
    private static void CheckNames(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Strict.MaxDepth });
        while (reader.Read())
        {
            _ = reader is { TokenType: JsonTokenType.PropertyName, ValueIsEscaped: true } ? reader.GetString() : null;
        }
    }
}
