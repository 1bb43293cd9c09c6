using System.Text;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>
/// Sends recognisable secrets down every path, then searches all output for them: logs, responses, spans,
/// metrics, the provider's side and the files (field trap 15).
/// </summary>
public sealed partial class SecretsTests
{
    private const string Prompt = "the-prompt-nobody-else-may-read";

    private const string Chat = $$"""{"model":"gpt-4o","messages":[{"role":"user","content":"{{Prompt}}"}]}""";

    [Fact]
    public async Task Secrets_sent_down_every_path_appear_in_no_output()
    {
        using var metrics = new MetricRecorder();
        var openai = new TracedEdge();
        await openai.InitializeAsync();
        await using var closing = openai;
        var secrets = await Secrets.CreateAsync(openai);

        var leaks = new List<string>();
        foreach (var (name, walk) in Paths)
        {
            var requests = openai.Provider.Requests.Count;
            foreach (var response in await walk(openai, secrets))
            {
                using (response)
                {
                    var text = $"{response.Headers}{response.Content.Headers}{await ReadAsync(response)}";
                    leaks.AddRange(secrets.FoundIn(text, withPrompt: true).Select(secret => $"{name}: the response holds the {secret}: {text}"));
                }
            }

            leaks.AddRange(openai.Provider.Requests.Skip(requests)
                .Where(request => secrets.FoundIn(request.HeadText.Replace($"Authorization: Bearer {secrets.ProviderKey}", "", StringComparison.Ordinal), withPrompt: true).Any())
                .Select(request => $"{name}: the provider got: {request.HeadText}"));
        }

        var lines = openai.Edge.Logs.Lines;
        leaks.AddRange(lines.SelectMany(line => secrets.FoundIn(line.ToString(), withPrompt: line.Level >= LogLevel.Information).Select(secret => $"the log holds the {secret}: {line}")));
        leaks.AddRange(openai.Spans.Spans.Select(SpanRecorder.Describe).SelectMany(span => secrets.FoundIn(span, withPrompt: true).Select(secret => $"a span holds the {secret}: {span}")));
        leaks.AddRange(metrics.Tags.SelectMany(tag => secrets.FoundIn(tag, withPrompt: true).Select(secret => $"a metric holds the {secret}: {tag}")));
        var scraped = await openai.Edge.Http.GetStringAsync("/metrics");
        leaks.AddRange(secrets.FoundIn(scraped, withPrompt: true).Select(secret => $"/metrics holds the {secret}: {scraped}"));
        await openai.Edge.Services.GetRequiredService<Cencori.Edge.Keys.LastUsedWriter>().FlushAsync();
        var files = "";
        foreach (var file in Directory.GetFiles(openai.Edge.DataDirectory).Where(file => Path.GetFileName(file) != "edge.owner"))
        {
            var bytes = Encoding.Latin1.GetString(await ReadSharedAsync(file));
            files += bytes;
            leaks.AddRange(secrets.FoundIn(bytes, withPrompt: true).Select(secret => $"{Path.GetFileName(file)} holds the {secret}"));
        }

        Assert.Empty(leaks);

        // An empty result must not mean that nothing was searched. These lines show that there was output.
        Assert.Contains(lines, line => line.EventName == "CredentialRefused");
        Assert.Contains(lines, line => line.EventName == "EventStreamBroke");
        Assert.Contains(openai.Spans.Spans, span => span.Source.Name == "Microsoft.AspNetCore");
        Assert.Contains(openai.Spans.Spans, span => span.Source.Name == "System.Net.Http");
        Assert.Contains(metrics.Tags, tag => tag.StartsWith("http.server.request.duration ", StringComparison.Ordinal));
        Assert.Contains("http_server_request_duration_seconds_count{", scraped, StringComparison.Ordinal);
        Assert.Contains(openai.ProjectId, files, StringComparison.Ordinal);
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        try
        {
            return await response.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    private static async Task<byte[]> ReadSharedAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    /// <summary>The secrets that must not appear anywhere.</summary>
    internal sealed record Secrets(string ProjectId, string ProjectKey, string RevokedKey, string TestKey, string ProviderKey, string AdminToken)
    {
        public static async Task<Secrets> CreateAsync(TracedEdge openai)
        {
            var edge = openai.Edge;
            var revoked = await edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{openai.ProjectId}/api-keys", new { name = "revoked", key_type = "secret", environment = "production" });
            await edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{openai.ProjectId}/api-keys/{revoked["apiKey"]!["id"]}", new { revoked = true });
            return new(
                openai.ProjectId,
                openai.Key,
                (string)revoked["apiKey"]!["full_key"]!,
                await edge.CreateKeyAsync(openai.ProjectId, environment: "test"),
                RunningEdge.ProviderKey,
                RunningEdge.AdminToken);
        }

        public IEnumerable<string> FoundIn(string text, bool withPrompt)
        {
            (string Name, string Value)[] all =
            [
                ("project key", ProjectKey), ("revoked key", RevokedKey), ("test key", TestKey), ("provider key", ProviderKey),
                ("admin token", AdminToken), ("prompt", withPrompt ? Prompt : ProjectKey),
            ];
            return all.Where(secret => text.Contains(secret.Value, StringComparison.OrdinalIgnoreCase)).Select(secret => secret.Name);
        }
    }
}
