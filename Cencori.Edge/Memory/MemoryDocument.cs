using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Memory;

/// <summary>Reads JSON that callers have written.</summary>
internal static class MemoryDocument
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <param name="json">All of it.</param>
    /// <param name="document">To be disposed. Null: there is none.</param>
    /// <returns>Null, or why there is none.</returns>
    public static EdgeError? Parse(ReadOnlyMemory<byte> json, out JsonDocument? document)
    {
        document = null;
        json = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
        if (!Utf8.IsValid(json.Span))
        {
            return EdgeError.Invalid("The body is not valid UTF-8.");
        }

        try
        {
            CheckNames(json.Span);
            document = JsonDocument.Parse(json, Strict);
            return null;
        }
        catch (InvalidOperationException)
        {
            return EdgeError.Invalid("A name of a member is not valid Unicode.");
        }
        catch (JsonException exception)
        {
            return EdgeError.Invalid(exception.Message.StartsWith("Duplicate", StringComparison.Ordinal)
                ? "A member of the body is there twice."
                : string.Create(CultureInfo.InvariantCulture, $"The body is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).{(json.Span.IndexOf("NaN"u8) >= 0 ? " JSON has no NaN." : "")}"));
        }
    }

    // Half of a pair is no name: whoever asks for it later would fail.
    private static void CheckNames(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Strict.MaxDepth });
        while (reader.Read())
        {
            _ = reader is { TokenType: JsonTokenType.PropertyName, ValueIsEscaped: true } ? reader.GetString() : null;
        }
    }
}
