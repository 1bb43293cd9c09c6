using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>
/// Parses requests from the bytes of one connection. It refuses every request that some provider might refuse, so that the test fails.
/// </summary>
internal sealed class RequestReader(PipeReader input, int connection, Func<int> lastRead, TimeProvider time)
{
    private readonly WireReader _wire = new(input);

    /// <returns>Null: the peer closed the connection between two requests, which is allowed.</returns>
    public async Task<ReceivedRequest?> ReadAsync()
    {
        if (await _wire.IsAtEndAsync())
        {
            return null;
        }

        var head = await _wire.ReadThroughAsync("\r\n\r\n"u8.ToArray());
        var lines = Encoding.Latin1.GetString(head)[..^4].Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, "HTTP/1.1"])
        {
            throw new InvalidDataException($"Not a request line: '{lines[0]}'.");
        }

        var headers = Array.ConvertAll(lines[1..], ParseHeader);
        var (framing, body) = await ReadBodyAsync(headers);
        return new ReceivedRequest
        {
            Head = head,
            Method = method,
            Target = target,
            Headers = headers,
            Framing = framing,
            Body = body,
            Connection = connection,
            LastRead = lastRead(),
            ReceivedAt = time.GetTimestamp(),
        };
    }

    private static (string Name, string Value) ParseHeader(string line)
    {
        // Some servers treat a lone CR or LF in a value as a line end, which allows header injection.
        var colon = line.IndexOf(':');
        return colon > 0 && line.AsSpan(0, colon).IndexOfAny(' ', '\t') < 0 && line.AsSpan().IndexOfAny('\r', '\n') < 0
            ? (line[..colon], line[(colon + 1)..].Trim(' ', '\t'))
            : throw new InvalidDataException($"Not a header line: '{line}'.");
    }

    private async Task<(BodyFraming Framing, ReadOnlyMemory<byte> Body)> ReadBodyAsync((string Name, string Value)[] headers)
    {
        string[] Values(string name) =>
            [.. headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

        var (encodings, lengths) = (Values("Transfer-Encoding"), Values("Content-Length"));
        switch (encodings, lengths)
        {
            case ([], []):
                return (BodyFraming.None, default);

            case ([], [var length]):
                var size = ParseLength(length, NumberStyles.None);
                var body = new ArrayBufferWriter<byte>(Math.Clamp(size, 1, WireReader.MaxBody));
                await _wire.CopyAsync(size, body);
                return (BodyFraming.ContentLength, body.WrittenMemory);

            case ([var encoding], []) when encoding.Equals("chunked", StringComparison.OrdinalIgnoreCase):
                return (BodyFraming.Chunked, await ReadChunksAsync());

            // Two framings at once allow request smuggling.
            default:
                throw new InvalidDataException(
                    $"Ambiguous framing: Transfer-Encoding [{string.Join('|', encodings)}], Content-Length [{string.Join('|', lengths)}].");
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadChunksAsync()
    {
        var body = new ArrayBufferWriter<byte>();
        while (true)
        {
            var line = await _wire.ReadLineAsync();
            var size = ParseLength(line.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier);
            if (size == 0)
            {
                break;
            }

            await _wire.CopyAsync(size, body);
            if (await _wire.ReadLineAsync() is { Length: > 0 } surplus)
            {
                throw new InvalidDataException($"A chunk of {size} bytes is followed by '{surplus}'.");
            }
        }

        while (await _wire.ReadLineAsync() is { Length: > 0 })
        {
        }

        return body.WrittenMemory;
    }

    private static int ParseLength(string text, NumberStyles style) =>
        int.TryParse(text, style, CultureInfo.InvariantCulture, out var length) && length >= 0
            ? length
            : throw new InvalidDataException($"Not a length: '{text}'.");
}
