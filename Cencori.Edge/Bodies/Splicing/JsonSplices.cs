using System.Text.Json;
using Cencori.Edge.Bodies.Scanning;

namespace Cencori.Edge.Bodies.Splicing;

/// <summary>Builds the changes that one provider needs in a scanned JSON body. The body is not modified, so the scan stays valid.</summary>
public static class JsonSplices
{
    private static readonly byte[] UsageIncluded = [.. "{\"include_usage\":true}"u8];
    private static readonly byte[] UsageInEmptyOptions = [.. "\"include_usage\":true"u8];
    private static readonly byte[] UsageBeforeOptions = [.. "\"include_usage\":true,"u8];
    private static readonly byte[] OnlyOptions = [.. "\"stream_options\":{\"include_usage\":true}"u8];
    private static readonly byte[] OptionsBeforeOthers = [.. OnlyOptions, (byte)','];
    private static readonly byte[] True = [.. "true"u8];

    /// <summary>The changes for one provider, sorted by position.</summary>
    /// <param name="scan">The scan of <paramref name="body"/>.</param>
    /// <param name="body">The original body.</param>
    /// <param name="model">The unescaped name that replaces every <c>model</c>, or is inserted when there is none. Null: no change.</param>
    /// <param name="includesUsage">True: sets <c>stream_options.include_usage</c>. Other members of <c>stream_options</c> stay.</param>
    public static Splice[] Splices(this in RequestScan scan, ReadOnlySpan<byte> body, string? model, bool includesUsage)
    {
        if (model is null)
        {
            return includesUsage ? [IncludeUsage(scan, body)] : [];
        }

        byte[] value = [(byte)'"', .. JsonEncodedText.Encode(model).EncodedUtf8Bytes, (byte)'"'];
        var earlier = scan.EarlierModelRanges ?? [];
        var splices = new Splice[earlier.Length + (includesUsage ? 2 : 1)];
        for (var i = 0; i < earlier.Length; i++)
        {
            splices[i] = new(earlier[i], value);
        }

        splices[earlier.Length] = scan.ModelRange is { } last ? new(last, value) : scan.Insert([.. "\"model\":"u8, .. value]);
        if (includesUsage)
        {
            Place(IncludeUsage(scan, body), splices);
        }

        return splices;
    }

    /// <summary>Inserts a property before all others. A later property of the same name would override it.</summary>
    /// <param name="scan">The scan of the body. An empty object accepts only one such splice, because no comma follows it.</param>
    /// <param name="property">Name, colon and value as JSON, without a comma.</param>
    public static Splice Insert(this in RequestScan scan, byte[] property) =>
        new(new(scan.InsertOffset, 0), scan.IsEmptyObject ? property : [.. property, (byte)',']);

    /// <summary>The property <c>stream_options</c>, name and value.</summary>
    /// <returns>Null when the body has no such property.</returns>
    public static ByteRange? StreamOptionsProperty(this in RequestScan scan, ReadOnlySpan<byte> body)
    {
        if ((scan.StreamOptions ?? scan.NullStreamOptions) is not { } value)
        {
            return null;
        }

        // Searching backwards for a quote is safe: the name stream_options contains no quote, even if it is written with escapes.
        var end = body[..value.Start].LastIndexOf((byte)'"');
        var start = body[..end].LastIndexOf((byte)'"');
        return new(start, value.End - start);
    }

    private static Splice IncludeUsage(in RequestScan scan, ReadOnlySpan<byte> body) =>
        scan.NullStreamOptions is { } none ? new(none, UsageIncluded)
        : scan.StreamOptions is { } options ? IncludeUsage(body, options)
        : new(new(scan.InsertOffset, 0), scan.IsEmptyObject ? OnlyOptions : OptionsBeforeOthers);

    private static Splice IncludeUsage(ReadOnlySpan<byte> body, ByteRange options)
    {
        ByteRange? falseRange = null;
        var isEmpty = true;
        var reader = new Utf8JsonReader(body.Slice(options.Start, options.Length), new JsonReaderOptions { MaxDepth = RequestScanner.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var isUsage = RequestFields.Identify(ref reader) == RequestField.IncludeUsage;
            reader.Read();
            if (isUsage)
            {
                // If include_usage repeats, the last value is used.
                falseRange = new(options.Start + (int)reader.TokenStartIndex, reader.ValueSpan.Length);
            }

            reader.Skip();
        }

        return falseRange is { } value ? new(value, True) : new(new(options.Start + 1, 0), isEmpty ? UsageInEmptyOptions : UsageBeforeOptions);
    }

    // Inserts the splice in sorted order. The last element of the span is still free.
    private static void Place(in Splice splice, Span<Splice> sorted)
    {
        var at = sorted.Length - 1;
        for (; at > 0 && sorted[at - 1].Range.Start >= splice.Range.Start; at--)
        {
            sorted[at] = sorted[at - 1];
        }

        sorted[at] = splice;
    }
}
