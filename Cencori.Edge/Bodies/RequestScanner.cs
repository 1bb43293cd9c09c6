using System.Text.Json;
using System.Text.Unicode;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Bodies;

/// <summary>Reads a JSON request in one forward pass, without a document and without allocating anything but the model's name.</summary>
public static class RequestScanner
{
    internal const int MaxDepth = 512;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Scans a complete body. Of a repeated property the last value counts, as it does for JSON parsers, but of a bound
    /// the largest; a value of the wrong type is refused wherever it stands.</summary>
    /// <returns>False, with <paramref name="problem"/> set, when the body is not strict UTF-8 JSON, not an object, or a field the
    /// edge reads has a value it cannot have.</returns>
    public static bool TryScan(ReadOnlySpan<byte> body, out RequestScan scan, out RequestProblem problem) => TryScan(body, CheckedFields.All, NotedFields.None, out scan, out problem);

    /// <summary>Likewise, where only what requests for <paramref name="operation"/> are known to have has to be of its type.</summary>
    public static bool TryScan(ReadOnlySpan<byte> body, Operation operation, out RequestScan scan, out RequestProblem problem) =>
        TryScan(body, operation, NotedFields.None, out scan, out problem);

    /// <summary>Likewise, and notes where some fields stand.</summary>
    public static bool TryScan(ReadOnlySpan<byte> body, Operation operation, NotedFields noting, out RequestScan scan, out RequestProblem problem) =>
        TryScan(body, operation.Fields(), noting, out scan, out problem);

    private static bool TryScan(ReadOnlySpan<byte> body, CheckedFields checks, NotedFields noting, out RequestScan scan, out RequestProblem problem)
    {
        scan = default;
        var start = body.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        if (body.Length == start)
        {
            problem = new("The request body is empty.", null);
            return false;
        }

        // The JSON reader lets broken UTF-8 inside strings pass, and what a provider makes of it is not known.
        if (!Utf8.IsValid(body))
        {
            problem = MalformedBody.NotUtf8(body);
            return false;
        }

        var fields = new RequestFieldReader(body, start, checks, noting);
        try
        {
            var isRead = fields.TryRead(out scan, out problem);
            scan = scan with { Start = start };
            return isRead;
        }
        catch (InvalidOperationException)
        {
            // The reader can compare no text with half of a surrogate pair in it, however deep it stands.
            problem = new("The request body has an escape that is half a character.", null);
            scan = default;
            return false;
        }
        catch (JsonException exception)
        {
            problem = MalformedBody.NotJson(body, start, exception, fields.Depth, fields.IsPastEnd);
            return false;
        }
    }
}
