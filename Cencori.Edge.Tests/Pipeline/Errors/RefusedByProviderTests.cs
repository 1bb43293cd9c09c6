using System.Globalization;
using System.IO.Compression;
using System.Text;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>A provider's error responses about the request, and masking of the credential in them.</summary>
public sealed class RefusedByProviderTests(ScriptedEdge at) : IClassFixture<ScriptedEdge>
{
    private const string Moderation = """{"error":{"message":"Your request was flagged — ünïcode","type":"invalid_request_error","code":"moderation_blocked"}}""";

    [Theory]
    [InlineData("application/json", Moderation)]
    [InlineData("text/html; charset=utf-8", "<html>Not available in your region</html>")]
    [InlineData("text/plain", "no")]
    public async Task A_providers_403_passes_unchanged_and_names_the_provider_as_the_refuser(string type, string body)
    {
        var (project, key) = await at.CreateAsync(new { });
        var before = at.Edge.Logs.Lines.Count;
        using var response = await RespondAsync(key, 403, Encoding.UTF8.GetBytes(body), ("Content-Type", type));

        Assert.Equal(403, (int)response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync());
        Assert.Equal(type, response.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.Equal("provider", response.Header("X-Cencori-Refused-By"));
        Assert.Null(response.Header("X-Cencori-Limited-By"));
        Assert.DoesNotContain(at.Edge.Logs.Lines.Skip(before), line => line.EventName == "CredentialRefused");
        var record = await at.Edge.RowAsync(row => row.ProjectId == project);
        Assert.Equal((403, RequestOutcome.Error, null, 0m), (record.Status, record.Outcome, record.ErrorCode, record.CostUsd));
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(400, false)]
    [InlineData(403, true)]
    [InlineData(403, false)]
    [InlineData(404, false)]
    [InlineData(429, true)]
    [InlineData(500, false)]
    public async Task The_credential_is_masked_in_every_error_response(int status, bool isCompressed)
    {
        var secret = RunningEdge.ProviderKey;
        var body = $$"""{"error":{"message":"{{secret}}, {{secret[..7]}}***{{secret[^4..]}}, {{secret[4..20]}}, ends with {{secret[^4..]}}","param":"{{secret[..8]}}" } }""";
        var bytes = Encoding.UTF8.GetBytes(body);
        using var response = await RespondAsync(at.Key, status, isCompressed ? Compress(bytes) : bytes, [
            ("Content-Type", "application/json"),
            .. isCompressed ? new[] { ("Content-Encoding", "gzip") } : [],
            ("ETag", $"\"{secret}\""),
            ("Content-Disposition", $"inline; filename={secret[..7]}...{secret[^4..]}")]);
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal($$"""{"error":{"message":"{{new string('*', secret.Length)}}, {{new string('*', 14)}}, {{new string('*', 16)}}, ends with ****","param":"********" } }""", text);
        Assert.Equal($"\"{new string('*', secret.Length)}\"", response.Header("ETag"));
        Assert.Equal("inline; filename=*******...****", response.Content.Headers.NonValidated["Content-Disposition"].ToString());
        Assert.DoesNotContain(secret[..8], response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal(status == 403 ? "provider" : null, response.Header("X-Cencori-Refused-By"));
    }

    [Fact]
    public async Task An_error_response_in_an_unknown_encoding_gives_502()
    {
        using var response = await RespondAsync(at.Key, 403, "?"u8.ToArray(), ("Content-Type", "application/json"), ("Content-Encoding", "x-mine"));

        Assert.Equal((502, "PROVIDER_ERROR"), ((int)response.StatusCode, (await response.ErrorAsync()).Code));
    }

    [Fact]
    public async Task A_long_error_response_passes_completely()
    {
        var body = new string('x', 100_000) + RunningEdge.ProviderKey + new string('y', 100_000);
        using var response = await RespondAsync(at.Key, 400, Encoding.UTF8.GetBytes(body), ("Content-Type", "text/plain"));

        Assert.Equal(body.Replace(RunningEdge.ProviderKey, new string('*', RunningEdge.ProviderKey.Length), StringComparison.Ordinal), await response.Content.ReadAsStringAsync());
    }

    private static byte[] Compress(byte[] bytes)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }

    private Task<HttpResponseMessage> RespondAsync(string key, int status, byte[] body, params (string Name, string Value)[] headers)
    {
        at.Provider.Enqueue(async (_, response) =>
        {
            var head = string.Concat(headers.Select(header => $"{header.Name}: {header.Value}\r\n"));
            await response.SendAsync($"HTTP/1.1 {status} {RunningEdge.ProviderKey}\r\n{head}Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n");
            await response.SendAsync(body);
            await response.CloseAsync();
        });
        return at.ChatAsync(key);
    }
}
