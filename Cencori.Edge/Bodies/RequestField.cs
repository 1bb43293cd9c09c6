using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Bodies;

/// <summary>The properties the edge reads, by what it does with them.</summary>
internal enum RequestField
{
    Unknown,
    Unreadable,
    ModelInOtherCase,
    Model,
    ModelsInOtherCase,
    Models,
    Stream,
    StreamOptions,
    IncludeUsage,
    MaxTokens,
    MaxOutputTokens,
    MaxCompletionTokens,
    Choices,
    BestOf,
    Messages,
    Text,
    TextOrTokens,
    Prompt,
}

internal static class RequestFields
{
    private const int LongestEscapedName = 21 * 6;

    /// <summary>Names the property the reader stands on, seeing through escapes.</summary>
    public static RequestField Identify(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Identify(reader.ValueSpan);
        }

        if (reader.ValueSpan.Length > LongestEscapedName)
        {
            return RequestField.Unknown;
        }

        Span<byte> name = stackalloc byte[LongestEscapedName];
        try
        {
            return Identify(name[..reader.CopyString(name)]);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair. Refused rather than passed over: a body full of them would cost one exception each.
            return RequestField.Unreadable;
        }
    }

    private static RequestField Identify(ReadOnlySpan<byte> name) => name.Length switch
    {
        1 when name[0] == 'n' => RequestField.Choices,
        5 when name.SequenceEqual("model"u8) => RequestField.Model,
        5 when name.SequenceEqual("input"u8) => RequestField.TextOrTokens,
        5 when name.SequenceEqual("tools"u8) => RequestField.Text,
        5 when Ascii.EqualsIgnoreCase(name, "model"u8) => RequestField.ModelInOtherCase,
        6 when name.SequenceEqual("stream"u8) => RequestField.Stream,
        6 when name.SequenceEqual("prompt"u8) => RequestField.Prompt,
        6 when name.SequenceEqual("system"u8) => RequestField.Text,
        6 when name.SequenceEqual("models"u8) => RequestField.Models,
        6 when Ascii.EqualsIgnoreCase(name, "models"u8) => RequestField.ModelsInOtherCase,
        7 when name.SequenceEqual("best_of"u8) => RequestField.BestOf,
        8 when name.SequenceEqual("messages"u8) => RequestField.Messages,
        9 when name.SequenceEqual("functions"u8) => RequestField.Text,
        10 when name.SequenceEqual("max_tokens"u8) => RequestField.MaxTokens,
        12 when name.SequenceEqual("instructions"u8) => RequestField.Text,
        13 when name.SequenceEqual("include_usage"u8) => RequestField.IncludeUsage,
        14 when name.SequenceEqual("stream_options"u8) => RequestField.StreamOptions,
        17 when name.SequenceEqual("max_output_tokens"u8) => RequestField.MaxOutputTokens,
        21 when name.SequenceEqual("max_completion_tokens"u8) => RequestField.MaxCompletionTokens,
        _ => RequestField.Unknown,
    };
}
