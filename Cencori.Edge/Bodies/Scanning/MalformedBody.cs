using System.Text.Json;
using System.Text.Unicode;

namespace Cencori.Edge.Bodies.Scanning;

/// <summary>Describes why a body cannot be parsed: the problem and its byte position. Never uses the parser's own message,
/// because that message quotes the body.</summary>
internal static class MalformedBody
{
    public static RequestProblem NotUtf8(ReadOnlySpan<byte> body)
    {
        Span<char> discarded = stackalloc char[1_024];
        var valid = 0;
        int read;
        while (Utf8.ToUtf16(body[valid..], discarded, out read, out _, replaceInvalidSequences: false)
            == System.Buffers.OperationStatus.DestinationTooSmall)
        {
            valid += read;
        }

        return new($"The request body is not valid UTF-8 at byte {valid + read}.", null);
    }

    public static RequestProblem NotJson(ReadOnlySpan<byte> body, int start, JsonException exception, int depth, bool isPastEnd)
    {
        var at = start + Offset(body[start..], exception.LineNumber ?? 0, exception.BytePositionInLine ?? 0);
        if (isPastEnd)
        {
            return new($"The request body has content after its JSON object, at byte {at}.", null);
        }

        if (at >= body.Length)
        {
            return new($"The request body ends at byte {body.Length}, before its JSON is complete.", null);
        }

        return depth >= RequestScanner.MaxDepth && body[at] is (byte)'{' or (byte)'['
            ? new($"The request body is nested deeper than {RequestScanner.MaxDepth} levels at byte {at}.", null)
            : new($"The request body is not valid JSON at byte {at}.", null);
    }

    private static int Offset(ReadOnlySpan<byte> json, long line, long byteInLine)
    {
        var lineStart = 0;
        for (; line > 0; line--)
        {
            lineStart += json[lineStart..].IndexOf((byte)'\n') + 1;
        }

        return lineStart + (int)byteInLine;
    }
}
