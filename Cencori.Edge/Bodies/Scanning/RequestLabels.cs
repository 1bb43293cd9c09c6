using System.Text.Json;

namespace Cencori.Edge.Bodies.Scanning;

/// <summary>The caller's labels of a request, used by routing conditions. If a label repeats, the last value is used. A value is ignored when it is not a
/// string, is longer than <see cref="LongestValue"/>, or contains half of a surrogate pair.</summary>
public sealed class RequestLabels
{
    /// <summary>Longest value that is read, in characters.</summary>
    public const int LongestValue = 1_024;

    /// <summary>Maximum number of members of <c>metadata</c>. If there are more, all are ignored. OpenAI accepts 16.</summary>
    public const int MaxMetadata = 64;

    private const int MaxBytesPerCharacter = 6;

    private Dictionary<string, string>? _metadata;

    /// <summary>The top-level <c>user</c> of the body.</summary>
    public string? User { get; private set; }

    /// <summary>The body's <c>prompt_cache_key</c>.</summary>
    public string? PromptCacheKey { get; private set; }

    /// <summary>A value from the <c>metadata</c> of the body.</summary>
    /// <param name="name">Exactly as written in the body.</param>
    /// <returns>The value. Null when there is none.</returns>
    public string? Metadata(string name) => _metadata?.GetValueOrDefault(name);

    /// <summary>Reads the value that the reader is on, and moves the reader to its end.</summary>
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

    // A caller that truncates text may cut a surrogate pair in two, so decoding may fail.
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
            // The number of members is limited, because decoding each may throw an exception.
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
