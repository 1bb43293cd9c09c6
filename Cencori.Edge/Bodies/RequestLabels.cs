using System.Text.Json;

namespace Cencori.Edge.Bodies;

/// <summary>What a caller calls a request, for those who sort requests by it. Of a repeated label the last value counts; a value that is no string, is
/// longer than <see cref="LongestValue"/>, or has half a character in it, is none.</summary>
public sealed class RequestLabels
{
    /// <summary>Characters of a value that is read.</summary>
    public const int LongestValue = 1_024;

    /// <summary>Of <c>metadata</c>: with more, nothing of it is read. OpenAI takes 16.</summary>
    public const int MaxMetadata = 64;

    private const int MaxBytesPerCharacter = 6;

    private Dictionary<string, string>? _metadata;

    /// <summary>The body's <c>user</c>, of the top level.</summary>
    public string? User { get; private set; }

    /// <summary>The body's <c>prompt_cache_key</c>.</summary>
    public string? PromptCacheKey { get; private set; }

    /// <summary>A value of the body's <c>metadata</c>.</summary>
    /// <param name="name">As it is written there.</param>
    /// <returns>Null: there is none.</returns>
    public string? Metadata(string name) => _metadata?.GetValueOrDefault(name);

    /// <summary>Takes the value that the reader stands on, and moves to its end.</summary>
    internal void Read(ref Utf8JsonReader reader, RequestField field)
    {
        switch (field)
        {
            case RequestField.User:
                User = ReadValue(ref reader);
                break;
            case RequestField.PromptCacheKey:
                PromptCacheKey = ReadValue(ref reader);
                break;
            default:
                ReadMetadata(ref reader);
                break;
        }
    }

    private static string? ReadValue(ref Utf8JsonReader reader)
    {
        var text = reader.TokenType == JsonTokenType.String ? Decode(ref reader) : null;
        reader.Skip();
        return text;
    }

    // Who cuts a text to a length may cut a character in two.
    private static string? Decode(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > LongestValue * MaxBytesPerCharacter)
        {
            return null;
        }

        try
        {
            return reader.GetString() is { Length: <= LongestValue } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        _metadata = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        for (var read = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; read++)
        {
            // Each may cost an exception.
            if (read >= MaxMetadata)
            {
                _metadata = null;
                reader.Skip();
                continue;
            }

            var name = Decode(ref reader);
            reader.Read();
            var value = ReadValue(ref reader);
            if (name is not null && value is not null)
            {
                (_metadata ??= new(StringComparer.Ordinal))[name] = value;
            }
            else if (name is not null)
            {
                _metadata?.Remove(name);
            }
        }
    }
}
