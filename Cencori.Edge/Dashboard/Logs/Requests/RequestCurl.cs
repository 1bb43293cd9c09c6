using System.Text.Encodings.Web;
using System.Text.Json;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Dashboard.Logs.Requests;

/// <summary>Writes a recorded request as a curl command. The key is a shell variable, because the edge does not store keys.</summary>
internal static class RequestCurl
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="record">The request's record.</param>
    /// <param name="payload">The request's payload; null: unknown, and a small sample is used.</param>
    /// <param name="address">The edge's URL.</param>
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
