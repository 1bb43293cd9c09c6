using System.Buffers;
using System.Text.Json;

namespace Cencori.Edge.Bodies;

internal enum InputKind
{
    /// <summary>Text and nothing else.</summary>
    Text,

    /// <summary>What a model is told it may use. All but functions are the provider's own, and find text of their own.</summary>
    Tools,

    /// <summary>Text, images, files and sounds.</summary>
    Content,
}

/// <summary>Measures the text inside one property without decoding it.</summary>
internal static class InputText
{
    private const int BytesPerTokenNumber = 4;
    private const int LongestDataUrlHead = 256;

    // With the backslash, as some clients escape the slash and the plus sign.
    private static readonly SearchValues<byte> Base64 = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\\"u8);

    private enum Media
    {
        None,
        Url,
        Data,
    }

    /// <summary>Moves the reader over the value it stands on and sums its strings and property names, in bytes as sent.</summary>
    /// <param name="reader">On the value; afterwards on its last token.</param>
    /// <param name="tokenArrays">True where arrays of numbers are ready-made tokens.</param>
    /// <param name="kind">What may stand in it.</param>
    /// <param name="mayNameModel">False where a member <c>model</c> is somebody's text.</param>
    /// <param name="texts">How many strings and arrays a list has on its top, at least 1; 1 where the value is no list.</param>
    /// <param name="hasInputElsewhere">Set where it leads to what the model reads and the request does not hold.</param>
    /// <param name="namesModel">Set where a member <c>model</c> of it names one, which a provider may run beside the request's own.</param>
    /// <param name="watch">Sees each token.</param>
    public static long Measure<TWatch>(
        ref Utf8JsonReader reader, bool tokenArrays, InputKind kind, bool mayNameModel, out long texts, ref bool hasInputElsewhere, ref bool namesModel, ref TWatch watch)
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

            // Deep in a tool it is the name of an argument, unless the tool is the provider's own.
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
                    hasInputElsewhere |= kind == InputKind.Content && reader.ValueTextEquals("file_id"u8);
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
                    hasInputElsewhere |= media == Media.Url && !reader.ValueSpan.StartsWith("data:"u8);
                    if (isType && kind == InputKind.Tools)
                    {
                        isToolOfProvider = !IsOfCaller(ref reader);
                        hasInputElsewhere |= isToolOfProvider;

                        // Without a model of its own the provider chooses one.
                        namesModel |= mayNameModel && reader.ValueTextEquals("image_generation"u8);
                    }
                    else
                    {
                        hasInputElsewhere |= isType && reader.ValueTextEquals("item_reference"u8);
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

    // An escaped spelling is not seen, and what stands under it counts as text.
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

    // Text under the name of media must not become cheap by it, so only what can be base64 has the flat size.
    private static int Size(ReadOnlySpan<byte> value, Media media)
    {
        var isDataUrl = media != Media.None && value.StartsWith("data:"u8);
        if (!isDataUrl && (media != Media.Data || value.Length <= RequestScan.MediaPartBytes))
        {
            return value.Length;
        }

        // A text in front of a comma far behind is no media type.
        var content = isDataUrl ? value[(value[..Math.Min(value.Length, LongestDataUrlHead)].IndexOf((byte)',') + 1)..] : value;
        return content.ContainsAnyExcept(Base64) ? Math.Max(value.Length, RequestScan.MediaPartBytes) : RequestScan.MediaPartBytes;
    }
}
