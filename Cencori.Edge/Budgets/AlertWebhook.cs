using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Egress;

namespace Cencori.Edge.Budgets;

/// <summary>What a webhook is told, as it stands in the body.</summary>
internal sealed record BudgetAlert(string ProjectId, string? KeyId, int Threshold, decimal SpendUsd, decimal BudgetUsd, string Month)
{
    /// <summary>Null, and not told: it is no agent's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AgentId { get; init; }

    /// <summary>Whether it only tries the address. Told where it is so.</summary>
    [JsonPropertyName("test"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsTest { get; init; }

    /// <summary>Empty: the whole project's.</summary>
    [JsonIgnore]
    public string Scope => AgentId ?? KeyId ?? "";
}

/// <summary>What a webhook made of an alert.</summary>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="Status">What the last answer said; null: there was none.</param>
/// <param name="Fault">Why it was not taken, by a status of 200 to 299; null: it was.</param>
internal readonly record struct WebhookAnswer(int Attempts, int? Status, string? Fault);

/// <summary>
/// Posts alerts. <see cref="SignatureHeader"/> is <c>t=&lt;unix seconds&gt;,v1=&lt;hex&gt;</c>, an HMAC-SHA256 under the webhook's secret of
/// the seconds, a full stop and the body.
/// </summary>
internal sealed class AlertWebhook(EgressGuard guard, TimeProvider time) : IDisposable
{
    public const string SignatureHeader = "X-Cencori-Signature";

    private const int Tries = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http = new(new GuardedHandler(Connections(), Connections(), guard)) { Timeout = Patience };

    /// <param name="url">Where to.</param>
    /// <param name="secret">That it is signed with.</param>
    /// <param name="alert">What is told.</param>
    /// <param name="tries">How often it is tried, until it is taken.</param>
    public async Task<WebhookAnswer> SendAsync(Uri url, string secret, BudgetAlert alert, int tries = Tries)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(alert, Json);
        for (var attempt = 1; ; attempt++)
        {
            var (status, fault) = await SendOnceAsync(url, secret, body);
            if (fault is null || attempt == tries)
            {
                return new(attempt, status, fault);
            }

            await Task.Delay(RetryInterval * attempt, time);
        }
    }

    /// <summary>What stands in <see cref="SignatureHeader"/>.</summary>
    public static string Sign(string secret, byte[] body, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.ASCII.GetBytes(seconds + "."), .. body]);
        return $"t={seconds},v1={Convert.ToHexStringLower(signature)}";
    }

    public void Dispose() => _http.Dispose();

    // A redirect could lead anywhere, also to where no administrator would have sent it.
    private static SocketsHttpHandler Connections()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        EnvironmentProxy.Use(handler);
        return handler;
    }

    private async Task<(int? Status, string? Fault)> SendOnceAsync(Uri url, string secret, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            Headers = { { SignatureHeader, Sign(secret, body, time.GetUtcNow()) } },
        };
        GuardedHandler.Mark(request);
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return ((int)answer.StatusCode, answer.IsSuccessStatusCode ? null : $"It answered {(int)answer.StatusCode}.");
        }
        catch (HttpRequestException exception)
        {
            return (null, exception.InnerException is RefusedAddressException refused ? refused.Message : "It cannot be reached.");
        }
        catch (OperationCanceledException)
        {
            return (null, "It did not answer in time.");
        }
    }
}
