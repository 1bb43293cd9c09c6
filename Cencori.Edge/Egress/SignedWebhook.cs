using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Egress;

/// <summary>What a webhook made of a message.</summary>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="Status">What the last response said; null: there was none.</param>
/// <param name="Fault">Why it was not taken, by a status of 200 to 299; null: it was.</param>
public readonly record struct WebhookResult(int Attempts, int? Status, string? Fault);

/// <summary>
/// Posts messages to where projects say. <see cref="SignatureHeader"/> is <c>t=&lt;unix seconds&gt;,v1=&lt;hex&gt;</c>, an HMAC-SHA256 under the
/// webhook's secret of the seconds, a full stop and the body.
/// </summary>
public sealed class SignedWebhook(EgressGuard guard, TimeProvider time) : IDisposable
{
    public const string SignatureHeader = "X-Cencori-Signature";

    /// <summary>Characters of a secret.</summary>
    public const int ShortestSecret = 16;

    /// <inheritdoc cref="ShortestSecret"/>
    public const int LongestSecret = 256;

    /// <summary>How often a message is sent, where nobody says otherwise.</summary>
    public const int UsualTries = 3;

    private const int LongestUrl = 2_048;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http = new(new GuardedHandler(Connections(), Connections(), guard)) { Timeout = Timeout };

    /// <param name="url">Where to.</param>
    /// <param name="secret">That it is signed with. Null: it is not.</param>
    /// <param name="message">What is told, as JSON in snake_case.</param>
    /// <param name="tries">How often it is tried, until it is taken.</param>
    /// <param name="cancellation">It is given up.</param>
    public async Task<WebhookResult> SendAsync<T>(Uri url, string? secret, T message, int tries = UsualTries, CancellationToken cancellation = default)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, Json);
        for (var attempt = 1; ; attempt++)
        {
            var (status, fault) = await SendOnceAsync(url, secret, body, cancellation);
            if (fault is null || attempt == tries)
            {
                return new(attempt, status, fault);
            }

            await Task.Delay(RetryInterval * attempt, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellation.IsCancellationRequested)
            {
                return new(attempt, status, fault);
            }
        }
    }

    /// <summary>What stands in <see cref="SignatureHeader"/>.</summary>
    public static string Sign(string secret, byte[] body, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.ASCII.GetBytes(seconds + "."), .. body]);
        return $"t={seconds},v1={Convert.ToHexStringLower(signature)}";
    }

    /// <summary>Absolute, and https; http to this machine alone, where nobody listens in between.</summary>
    public static bool IsUrl(string text) =>
        text.Length <= LongestUrl && !text.Any(char.IsControl) && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && url.Fragment.Length == 0
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));

    /// <summary>Visible ASCII characters alone, as many as are allowed.</summary>
    public static bool IsSecret(string text) => text.Length is >= ShortestSecret and <= LongestSecret && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    public void Dispose() => _http.Dispose();

    // A redirect could lead anywhere, also to where no administrator would have sent it. Trace headers and baggage are the caller's.
    private static SocketsHttpHandler Connections()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        };
        EnvironmentProxy.Use(handler);
        return handler;
    }

    private async Task<(int? Status, string? Fault)> SendOnceAsync(Uri url, string? secret, byte[] body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        if (secret is not null)
        {
            request.Headers.Add(SignatureHeader, Sign(secret, body, time.GetUtcNow()));
        }

        GuardedHandler.Mark(request);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return ((int)response.StatusCode, response.IsSuccessStatusCode ? null : $"It answered {(int)response.StatusCode}.");
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
