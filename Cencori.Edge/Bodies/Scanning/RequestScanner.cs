using System.Text.Json;
using System.Text.Unicode;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Bodies.Scanning;

/// <summary>Scans a JSON request in one forward pass, without a document model. Allocates only the model's name.</summary>
public static class RequestScanner
{
    internal const int MaxDepth = 512;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Scans a complete body. If a property repeats, the last value is used, as in JSON parsers.
    /// If an output limit (<c>max_tokens</c> and similar) or a number of choices (<c>n</c>, <c>best_of</c>) repeats, the largest value is used.
    /// A value of the wrong type is refused at every occurrence.</summary>
    /// <returns>False, with <paramref name="problem"/> set, when the body is not strict UTF-8 JSON, is not an object, or has an invalid value
    /// in a field that the edge reads.</returns>
    public static bool TryScan(ReadOnlySpan<byte> body, out RequestScan scan, out RequestProblem problem) => TryScan(body, CheckedFields.All, NotedFields.None, out scan, out problem);

    /// <summary>Scans a complete body. Checks types only of the fields that requests for <paramref name="operation"/> are known to have.</summary>
    public static bool TryScan(ReadOnlySpan<byte> body, Operation operation, out RequestScan scan, out RequestProblem problem) =>
        TryScan(body, operation, NotedFields.None, out scan, out problem);

    /// <summary>Scans a complete body like the other overloads, and notes the positions of the fields in <paramref name="fieldsToNote"/>.</summary>
    public static bool TryScan(ReadOnlySpan<byte> body, Operation operation, NotedFields fieldsToNote, out RequestScan scan, out RequestProblem problem) =>
        TryScan(body, operation.Fields(), fieldsToNote, out scan, out problem);

    private static bool TryScan(ReadOnlySpan<byte> body, CheckedFields checks, NotedFields fieldsToNote, out RequestScan scan, out RequestProblem problem)
    {
        scan = default;
        var start = body.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        if (body.Length == start)
        {
            problem = new("The request body is empty.", null);
            return false;
        }

        // The JSON reader accepts invalid UTF-8 inside strings, and providers handle it differently.
        if (!Utf8.IsValid(body))
        {
            problem = MalformedBody.NotUtf8(body);
            return false;
        }

        var fields = new RequestFieldReader(body, start, checks, fieldsToNote);
        try
        {
            var isRead = fields.TryRead(out scan, out problem);
            scan = scan with { Start = start };
            return isRead;
        }
        catch (InvalidOperationException)
        {
            // The reader cannot compare text that contains half of a surrogate pair, at any depth.
            problem = new("The request body has an escape that is half of a surrogate pair.", null);
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
