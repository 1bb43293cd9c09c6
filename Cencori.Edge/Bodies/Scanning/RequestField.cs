using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Bodies.Scanning;

/// <summary>The members of a request body that the edge reads. Members that the edge uses in the same way share a value.</summary>
internal enum RequestField
{
    Unknown,
    Unreadable,
    ModelInOtherCase,
    Model,
    ModelsInOtherCase,
    Models,
    OtherRun,
    Stream,
    StreamOptions,
    IncludeUsage,
    MaxTokens,
    MaxOutputTokens,
    MaxCompletionTokens,
    Choices,
    BestOf,
    Messages,
    TextOrTokens,
    Prompt,
    Instructions,
    System,
    Functions,
    Tools,
    Temperature,
    ServiceTier,
    Elsewhere,
    Background,
    ForNoModel,
    User,
    Metadata,
    PromptCacheKey,
    ResponseFormat,
    TextFormat,
    Modalities,
    Audio,
    Memory,
    Namespace,
    Limit,
    Threshold,
    IncludeSources,
}

internal static class RequestFields
{
    /// <summary>Length, in bytes, of the longest known name when each character is written as an escape of six bytes.</summary>
    public const int LongestEscapedName = 21 * 6;

    /// <summary>Fields that an agent or a prompt may change.</summary>
    public static readonly string[] OfConversation = ["messages", "instructions", "system", "input", "temperature", "tools", "functions", "prompt"];

    /// <summary>Fields that enable a provider's tool without a <c>tools</c> list, or let the response complete in the background.</summary>
    public static readonly string[] OfTools = ["web_search_options", "search_parameters", "mcp_servers", "plugins", "background"];

    // Names that select other models, and that contain an s or k: both letters have a non-ASCII equivalent. Compared in any letter case.
    private static readonly string[] WithFoldedLetters = ["models", "preset", "workflow", "fallbacks", "fallback_model", "fallback_models"];

    /// <summary>Identifies the property that the reader is on, escapes resolved.</summary>
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
            // The name contains half of a surrogate pair. Such a body is refused, because decoding each further name of this kind would cost an exception.
            return RequestField.Unreadable;
        }
    }

    private static RequestField Identify(ReadOnlySpan<byte> name)
    {
        var field = IdentifyAscii(name);
        return field == RequestField.Unknown && !Ascii.IsValid(name) ? IdentifyNonAscii(name) : field;
    }

    private static RequestField IdentifyNonAscii(ReadOnlySpan<byte> name)
    {
        foreach (var known in WithFoldedLetters)
        {
            if (EqualsIgnoreCase(name, known))
            {
                return known == "models" ? RequestField.ModelsInOtherCase : RequestField.OtherRun;
            }
        }

        return RequestField.Unknown;
    }

    /// <summary>True when some provider may read <paramref name="name"/> as <paramref name="known"/>, which is ASCII.</summary>
    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> name, string known)
    {
        if (name.Length <= known.Length)
        {
            return Ascii.EqualsIgnoreCase(name, known);
        }

        Span<byte> word = stackalloc byte[LongestEscapedName];
        return UnicodeCaseFolding.EqualsIgnoreCase(name, word[..Encoding.ASCII.GetBytes(known, word)]);
    }

    private static RequestField IdentifyAscii(ReadOnlySpan<byte> name) => name.Length switch
    {
        1 when name[0] == 'n' => RequestField.Choices,
        4 when name.SequenceEqual("user"u8) => RequestField.User,
        4 when name.SequenceEqual("text"u8) => RequestField.TextFormat,
        5 when name.SequenceEqual("model"u8) => RequestField.Model,
        5 when name.SequenceEqual("input"u8) => RequestField.TextOrTokens,
        5 when name.SequenceEqual("tools"u8) => RequestField.Tools,
        5 when name.SequenceEqual("audio"u8) => RequestField.Audio,
        5 when Ascii.EqualsIgnoreCase(name, "model"u8) => RequestField.ModelInOtherCase,
        6 when Ascii.EqualsIgnoreCase(name, "engine"u8) || Ascii.EqualsIgnoreCase(name, "preset"u8) => RequestField.OtherRun,
        6 when name.SequenceEqual("stream"u8) => RequestField.Stream,
        6 when name.SequenceEqual("prompt"u8) => RequestField.Prompt,
        6 when name.SequenceEqual("system"u8) => RequestField.System,
        6 when name.SequenceEqual("models"u8) => RequestField.Models,
        6 when Ascii.EqualsIgnoreCase(name, "models"u8) => RequestField.ModelsInOtherCase,
        7 when name.SequenceEqual("best_of"u8) => RequestField.BestOf,
        7 when name.SequenceEqual("plugins"u8) => RequestField.Elsewhere,
        8 when Ascii.EqualsIgnoreCase(name, "agent_id"u8) || Ascii.EqualsIgnoreCase(name, "workflow"u8) => RequestField.OtherRun,
        8 when name.SequenceEqual("metadata"u8) => RequestField.Metadata,
        8 when name.SequenceEqual("messages"u8) => RequestField.Messages,
        9 when Ascii.EqualsIgnoreCase(name, "fallbacks"u8) => RequestField.OtherRun,
        9 when name.SequenceEqual("functions"u8) => RequestField.Functions,
        10 when name.SequenceEqual("background"u8) => RequestField.Background,
        10 when name.SequenceEqual("max_tokens"u8) => RequestField.MaxTokens,

        // Google's layer takes a cache of the provider's there: {"google":{"cached_content":"…"}}.
        10 when name.SequenceEqual("extra_body"u8) => RequestField.Elsewhere,
        10 when name.SequenceEqual("modalities"u8) => RequestField.Modalities,
        11 when name.SequenceEqual("temperature"u8) => RequestField.Temperature,
        11 when name.SequenceEqual("mcp_servers"u8) => RequestField.Elsewhere,
        12 when name.SequenceEqual("conversation"u8) => RequestField.Elsewhere,
        12 when name.SequenceEqual("service_tier"u8) => RequestField.ServiceTier,
        12 when name.SequenceEqual("instructions"u8) => RequestField.Instructions,
        13 when Ascii.EqualsIgnoreCase(name, "input_file_id"u8) => RequestField.OtherRun,
        13 when name.SequenceEqual("include_usage"u8) => RequestField.IncludeUsage,
        14 when Ascii.EqualsIgnoreCase(name, "fallback_model"u8) => RequestField.OtherRun,
        14 when name.SequenceEqual("stream_options"u8) => RequestField.StreamOptions,
        15 when Ascii.EqualsIgnoreCase(name, "fallback_models"u8) => RequestField.OtherRun,
        15 when name.SequenceEqual("encoding_format"u8) => RequestField.ForNoModel,
        15 when name.SequenceEqual("response_format"u8) => RequestField.ResponseFormat,
        16 when name.SequenceEqual("prompt_cache_key"u8) => RequestField.PromptCacheKey,
        17 when name.SequenceEqual("max_output_tokens"u8) => RequestField.MaxOutputTokens,
        17 when name.SequenceEqual("safety_identifier"u8) => RequestField.ForNoModel,
        17 when name.SequenceEqual("search_parameters"u8) => RequestField.Elsewhere,
        18 when name.SequenceEqual("web_search_options"u8) => RequestField.Elsewhere,
        20 when name.SequenceEqual("previous_response_id"u8) => RequestField.Elsewhere,
        21 when name.SequenceEqual("max_completion_tokens"u8) => RequestField.MaxCompletionTokens,
        _ => RequestField.Unknown,
    };
}
