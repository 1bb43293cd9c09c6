using System.Buffers;
using System.Text.Json;

namespace Cencori.Edge.Bodies.Scanning;

internal enum InputKind
{
    /// <summary>The value may contain only text.</summary>
    Text,

    /// <summary>
    /// The value contains tools that the model may use. Tools other than functions and custom tools run at the provider, and read text that the
    /// request does not contain.
    /// </summary>
    Tools,

    /// <summary>The value may contain text, images, files and audio.</summary>
    Content,
}

/// <summary>Measures the text inside one property without decoding the text.</summary>
internal static class InputText
{
    private const int BytesPerTokenNumber = 4;
    private const int LongestDataUrlHead = 256;

    // Characters of base64, plus the backslash: some clients escape the slash and the plus sign.
    private static readonly SearchValues<byte> Base64 = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\\"u8);

    private enum Media
    {
        None,
        Url,
        Data,
    }

    /// <summary>Reads the current value to its end and sums its strings and property names, in bytes as sent.</summary>
    /// <param name="reader">On the value; afterwards on the last token of the value.</param>
    /// <param name="tokenArrays">True when arrays of numbers are token ids.</param>
    /// <param name="kind">What the value may contain.</param>
    /// <param name="mayNameModel">False when a member <c>model</c> is text that a person wrote, not a model name.</param>
    /// <param name="texts">Receives the number of strings and arrays at the top level of a list, at least 1. 1 when the value is not a list.</param>
    /// <param name="hasUnboundedInput">Set to true when the value refers to input that the request does not contain, or contains media: a small picture may have many tokens.</param>
    /// <param name="namesModel">Set to true when a member <c>model</c> of the value names a model, which a provider may run in addition to the request's
    /// model.</param>
    /// <param name="watch">Is called for each token.</param>
    public static long Measure<TWatch>(
        ref Utf8JsonReader reader, bool tokenArrays, InputKind kind, bool mayNameModel, out long texts, ref bool hasUnboundedInput, ref bool namesModel, ref TWatch watch)
        where TWatch : struct, IInputObserver
    {
        var isList = reader.TokenType == JsonTokenType.StartArray;
        texts = 0;
        var bytes = 0L;
        var depth = 0;
        var underName = false;
        var media = Media.None;
        var isType = false;
        var isModel = false;
        var (toolNamesModel, isToolOfProvider) = (false, false);
        do
        {
            watch.Observe(ref reader, depth);
            var isTextOrList = reader.TokenType is JsonTokenType.String or JsonTokenType.StartArray;

            // Below the top level of a tool, "model" is the name of a function argument, unless the provider runs the tool.
            namesModel |= isModel && isTextOrList && (kind != InputKind.Tools || depth == 2);
            toolNamesModel |= isModel && isTextOrList && depth > 2;
            isModel = false;
            if (isList && depth == 1 && isTextOrList)
            {
                texts++;
            }

            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    bytes += reader.ValueSpan.Length;
                    underName = true;
                    media = kind == InputKind.Content ? MediaUnder(reader.ValueSpan) : Media.None;
                    isType = depth == 2 && reader.ValueTextEquals("type"u8);
                    isModel = mayNameModel && IsModel(ref reader);
                    hasUnboundedInput |= kind == InputKind.Content && reader.ValueTextEquals("file_id"u8);
                    continue;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    depth++;
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    depth--;
                    if (depth == 1)
                    {
                        namesModel |= toolNamesModel && isToolOfProvider;
                        (toolNamesModel, isToolOfProvider) = (false, false);
                    }

                    break;
                case JsonTokenType.String:
                    bytes += Size(reader.ValueSpan, media);
                    hasUnboundedInput |= media != Media.None;
                    if (isType && kind == InputKind.Tools)
                    {
                        isToolOfProvider = !IsOfCaller(ref reader);
                        hasUnboundedInput |= isToolOfProvider;

                        // An image tool counts as naming a model even if it names none, because the provider then chooses one.
                        namesModel |= mayNameModel && reader.ValueTextEquals("image_generation"u8);
                    }
                    else
                    {
                        hasUnboundedInput |= isType && reader.ValueTextEquals("item_reference"u8);
                    }

                    break;
                case JsonTokenType.Number when tokenArrays && depth > 0 && !underName:
                    bytes += BytesPerTokenNumber;
                    break;
            }

            underName = false;
            media = Media.None;
            isType = false;
        }
        while ((depth > 0 || underName) && reader.Read());

        texts = Math.Max(texts, 1);
        return bytes;
    }

    private static bool IsModel(ref Utf8JsonReader name) =>
        RequestFields.Identify(ref name) is RequestField.Model or RequestField.ModelInOtherCase or RequestField.Models or RequestField.ModelsInOtherCase;

    private static bool IsOfCaller(ref Utf8JsonReader type) => type.ValueTextEquals("function"u8) || type.ValueTextEquals("custom"u8);

    // Names are compared as bytes, so a name with escapes does not match. Its value then counts as text.
    private static Media MediaUnder(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 when name.SequenceEqual("url"u8) => Media.Url,
        4 when name.SequenceEqual("data"u8) => Media.Data,
        8 when name.SequenceEqual("b64_json"u8) => Media.Data,
        8 when name.SequenceEqual("file_url"u8) => Media.Url,
        9 when name.SequenceEqual("file_data"u8) => Media.Data,
        9 when name.SequenceEqual("image_url"u8) || name.SequenceEqual("audio_url"u8) || name.SequenceEqual("video_url"u8) => Media.Url,
        _ => Media.None,
    };

    // Counts base64 under a media property name at a flat size. All other values count in full, so that text cannot be sent cheaply under such a name.
    private static int Size(ReadOnlySpan<byte> value, Media media)
    {
        var isDataUrl = media != Media.None && value.StartsWith("data:"u8);
        if (!isDataUrl && (media != Media.Data || value.Length <= RequestScan.MediaPartBytes))
        {
            return value.Length;
        }

        // Looks for the comma near the start only: text before a late comma is not a media type.
        var content = isDataUrl ? value[(value[..Math.Min(value.Length, LongestDataUrlHead)].IndexOf((byte)',') + 1)..] : value;
        return content.ContainsAnyExcept(Base64) ? Math.Max(value.Length, RequestScan.MediaPartBytes) : RequestScan.MediaPartBytes;
    }
}
