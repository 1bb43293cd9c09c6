using System.Text.Encodings.Web;
using System.Text.Json;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>A request as a command line. The key is a variable of the shell; nobody knows it here.</summary>
internal static class RequestCurl
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="record">Of the request.</param>
    /// <param name="payload">What was said in it; null: not known, and something small stands in its place.</param>
    /// <param name="address">Where the edge is reached.</param>
    public static string Of(RequestRecord record, Payload? payload, string address)
    {
        var (method, path) = record.Endpoint.IndexOf(' ') is > 0 and var space ? (record.Endpoint[..space], record.Endpoint[(space + 1)..]) : ("POST", record.Endpoint);
        var command = $"curl {Quote(address + path)} \\\n  -X {method} -H \"Authorization: Bearer $CENCORI_API_KEY\"";
        return method == "GET" ? command : $"{command} -H 'Content-Type: application/json' \\\n  -d {Quote(payload is { Request: { } said, RequestTruncated: false } ? said : Small(record))}";
    }

    private static string Small(RequestRecord record)
    {
        var model = record.ModelAsked ?? "";
        return record.Endpoint.EndsWith("/chat/completions", StringComparison.Ordinal) || record.Endpoint.EndsWith("/messages", StringComparison.Ordinal)
            ? JsonSerializer.Serialize(new { model, messages = new[] { new { role = "user", content = "Hello!" } } }, Readable)
            : JsonSerializer.Serialize(new { model, input = "Hello!" }, Readable);
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
