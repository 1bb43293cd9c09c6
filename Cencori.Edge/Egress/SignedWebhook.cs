using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Egress;

/// <summary>The result of sending a message to a webhook.</summary>
/// <param name="Attempts">Number of attempts to send the message.</param>
/// <param name="Status">The status of the last response; null: the last attempt got no response.</param>
/// <param name="Fault">Why the message was not accepted; null: the status was 200 to 299.</param>
public readonly record struct WebhookResult(int Attempts, int? Status, string? Fault);

/// <summary>
/// Posts messages to webhooks of projects. The value of <see cref="SignatureHeader"/> is <c>t=&lt;unix seconds&gt;,v1=&lt;hex&gt;</c>: an HMAC-SHA256, with the
/// webhook's secret as the key, over the seconds, a full stop and the body.
/// </summary>
public sealed class SignedWebhook(EgressGuard guard, TimeProvider time) : IDisposable
{
    public const string SignatureHeader = "X-Cencori-Signature";

    /// <summary>Minimum and maximum length of a secret, in characters.</summary>
    public const int ShortestSecret = 16;

    /// <inheritdoc cref="ShortestSecret"/>
    public const int LongestSecret = 256;

    /// <summary>The default number of attempts.</summary>
    public const int DefaultTries = 3;

    private const int LongestUrl = 2_048;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http = new(new GuardedHandler(Connections(), Connections(), guard)) { Timeout = Timeout };

    /// <param name="url">The webhook's URL.</param>
    /// <param name="secret">The secret that signs the message. Null: the message is not signed.</param>
    /// <param name="message">The message; sent as JSON in snake_case.</param>
    /// <param name="tries">Maximum number of attempts.</param>
    /// <param name="cancellation">Stops the attempts.</param>
    /// <param name="lastTry">Makes the current attempt the last one.</param>
    public async Task<WebhookResult> SendAsync<T>(
        Uri url, string? secret, T message, int tries = DefaultTries, CancellationToken cancellation = default, CancellationToken lastTry = default)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, Json);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lastTry);
        for (var attempt = 1; ; attempt++)
        {
            var (status, fault) = await SendOnceAsync(url, secret, body, cancellation);
            if (fault is null || attempt == tries)
            {
                return new(attempt, status, fault);
            }

            await Task.Delay(RetryInterval * attempt, time, ends.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ends.IsCancellationRequested)
            {
                return new(attempt, status, fault);
            }
        }
    }

    /// <summary>Computes the value of <see cref="SignatureHeader"/>.</summary>
    public static string Sign(string secret, byte[] body, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.ASCII.GetBytes(seconds + "."), .. body]);
        return $"t={seconds},v1={Convert.ToHexStringLower(signature)}";
    }

    /// <summary>True for an absolute https URL. http is allowed only to this machine, because nobody can read that traffic on a network.</summary>
    public static bool IsUrl(string text) =>
        text.Length <= LongestUrl && !text.Any(char.IsControl) && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && url.Fragment.Length == 0
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));

    /// <summary>True for visible ASCII characters only, within the length limits.</summary>
    public static bool IsSecret(string text) => text.Length is >= ShortestSecret and <= LongestSecret && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    public void Dispose() => _http.Dispose();

    // Redirects are off: they could lead to an address that no administrator allowed. Trace headers and baggage are off: they come from the caller.
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
            return ((int)response.StatusCode, response.IsSuccessStatusCode ? null : $"The webhook responded with {(int)response.StatusCode}.");
        }
        catch (HttpRequestException exception)
        {
            return (null, exception.InnerException is RefusedAddressException refused ? refused.Message : "The webhook cannot be reached.");
        }
        catch (OperationCanceledException)
        {
            return (null, "The webhook did not respond in time.");
        }
    }
}
