using System.Text.Json;

namespace Cencori.Edge.Bodies;

/// <summary>Changes a scanned body in place and keeps the scan true to it. The caller sets Content-Length to the new length.</summary>
public static class BodyRewriter
{
    /// <summary>Makes <paramref name="model"/> the body's model: every occurrence is replaced, and where there is none one is inserted.</summary>
    /// <param name="body">The body that was scanned.</param>
    /// <param name="scan">Its scan, not used for another rewrite before.</param>
    /// <param name="model">The name to write, unescaped.</param>
    /// <returns>The scan of the rewritten body.</returns>
    public static RequestScan ReplaceModel(this PooledBody body, in RequestScan scan, string model)
    {
        byte[] value = [(byte)'"', .. JsonEncodedText.Encode(model).EncodedUtf8Bytes, (byte)'"'];
        if (scan.ModelRange is not { } last)
        {
            const int NameLength = 8;
            var inserted = body.InsertProperty(scan, [.. "\"model\":"u8, .. value]);
            return inserted with { Model = model, ModelRange = new(scan.InsertOffset + NameLength, value.Length) };
        }

        ByteRange[] replaced = [.. scan.EarlierModelRanges ?? [], last];
        for (var i = replaced.Length - 1; i >= 0; i--)
        {
            // From the last to the first, so that the offsets still to be used stay true.
            body.Replace(replaced[i], value);
        }

        return scan with
        {
            Model = model,
            ModelRange = new(Moved(last, replaced, value.Length).Start, value.Length),
            EarlierModelRanges = scan.EarlierModelRanges is null
                ? null
                : Array.ConvertAll(scan.EarlierModelRanges, range => new ByteRange(Moved(range, replaced, value.Length).Start, value.Length)),
            StreamOptions = scan.StreamOptions is { } options ? Moved(options, replaced, value.Length) : null,
            NullStreamOptions = scan.NullStreamOptions is { } none ? Moved(none, replaced, value.Length) : null,
        };
    }

    /// <summary>Inserts a property in front of all others. A later property of the same name would win against it.</summary>
    /// <param name="body">The body that was scanned.</param>
    /// <param name="scan">Its scan.</param>
    /// <param name="property">Name, colon and value as JSON, no comma.</param>
    /// <returns>The scan of the rewritten body; what the new property says is not in it.</returns>
    public static RequestScan InsertProperty(this PooledBody body, in RequestScan scan, ReadOnlySpan<byte> property)
    {
        ReadOnlySpan<byte> separator = scan.IsEmptyObject ? [] : ","u8;
        body.Replace(new(scan.InsertOffset, 0), [.. property, .. separator]);
        var shift = property.Length + separator.Length;
        return scan with
        {
            IsEmptyObject = false,
            ModelRange = Shifted(scan.ModelRange, shift),
            EarlierModelRanges = scan.EarlierModelRanges is null
                ? null
                : Array.ConvertAll(scan.EarlierModelRanges, range => new ByteRange(range.Start + shift, range.Length)),
            StreamOptions = Shifted(scan.StreamOptions, shift),
            NullStreamOptions = Shifted(scan.NullStreamOptions, shift),
        };
    }

    /// <summary>Makes <c>stream_options</c> ask for usage; the rest of them stays.</summary>
    /// <param name="body">The body that was scanned.</param>
    /// <param name="scan">Its scan, which does not hold afterwards.</param>
    public static void IncludeUsage(this PooledBody body, in RequestScan scan)
    {
        if (scan.NullStreamOptions is { } none)
        {
            body.Replace(none, "{\"include_usage\":true}"u8);
        }
        else if (scan.StreamOptions is { } options)
        {
            IncludeUsage(body, options);
        }
        else
        {
            body.InsertProperty(scan, "\"stream_options\":{\"include_usage\":true}"u8);
        }
    }

    private static void IncludeUsage(PooledBody body, ByteRange options)
    {
        ByteRange? refusal = null;
        var isEmpty = true;
        var reader = new Utf8JsonReader(body.Span.Slice(options.Start, options.Length), new JsonReaderOptions { MaxDepth = RequestScanner.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var isUsage = RequestFields.Identify(ref reader) == RequestField.IncludeUsage;
            reader.Read();
            if (isUsage)
            {
                // Of several the last counts.
                refusal = new(options.Start + (int)reader.TokenStartIndex, reader.ValueSpan.Length);
            }

            reader.Skip();
        }

        if (refusal is { } value)
        {
            body.Replace(value, "true"u8);
            return;
        }

        ReadOnlySpan<byte> separator = isEmpty ? [] : ","u8;
        body.Replace(new(options.Start + 1, 0), [.. "\"include_usage\":true"u8, .. separator]);
    }

    private static ByteRange? Shifted(ByteRange? range, int by) => range is { } old ? new(old.Start + by, old.Length) : null;

    private static ByteRange Moved(ByteRange range, ReadOnlySpan<ByteRange> replaced, int newLength)
    {
        var start = range.Start;
        foreach (var before in replaced)
        {
            start += before.Start < range.Start ? newLength - before.Length : 0;
        }

        return new(start, range.Length);
    }
}
