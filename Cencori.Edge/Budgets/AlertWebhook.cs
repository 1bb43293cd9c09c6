using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Budgets;

/// <summary>What a webhook is told, as it stands in the body.</summary>
internal sealed record BudgetAlert(string ProjectId, string? KeyId, int Threshold, decimal SpendUsd, decimal BudgetUsd, string Month);

/// <summary>
/// Posts alerts. <see cref="SignatureHeader"/> is <c>t=&lt;unix seconds&gt;,v1=&lt;hex&gt;</c>, an HMAC-SHA256 under the webhook's secret of
/// the seconds, a full stop and the body.
/// </summary>
internal sealed class AlertWebhook(TimeProvider time) : IDisposable
{
    public const string SignatureHeader = "X-Cencori-Signature";

    private const int Tries = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    // A redirect could lead anywhere, also to where no administrator would have sent it.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Patience,
    };

    /// <returns>False: it was not taken, by a status of 200 to 299, in any of three tries.</returns>
    public async Task<bool> TrySendAsync(Uri url, string secret, BudgetAlert alert)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(alert, Json);
        for (var attempt = 1; ; attempt++)
        {
            if (await TrySendOnceAsync(url, secret, body))
            {
                return true;
            }

            if (attempt == Tries)
            {
                return false;
            }

            await Task.Delay(RetryInterval * attempt, time);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> TrySendOnceAsync(Uri url, string secret, byte[] body)
    {
        var seconds = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.ASCII.GetBytes(seconds + "."), .. body]);
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            Headers = { { SignatureHeader, $"t={seconds},v1={Convert.ToHexStringLower(signature)}" } },
        };
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
