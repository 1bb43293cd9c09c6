using System.Text.Json;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dialects;

/// <summary>Rewrites a provider's error response for a native endpoint (/api/ai/…): the provider's message in the flat error format.</summary>
/// <param name="inner">The provider's response, with parts of the project's credential removed.</param>
/// <param name="status">The provider's HTTP status.</param>
/// <param name="provider">Name of the provider.</param>
/// <param name="retryAfter">The provider's Retry-After. Null: it sent none.</param>
internal sealed class RefusalStream(Stream inner, int status, string provider, TimeSpan? retryAfter) : RewrittenStream(inner)
{
    // Maximum number of buffered bytes of the error response. No provider sends a longer error.
    private const int MaxBytes = 64 * 1024;

    private readonly BoundedText _text = new(MaxBytes);

    /// <summary>The edge's own error kind for a provider's status.</summary>
    public static ErrorKind KindOf(int status) => status switch
    {
        StatusCodes.Status402PaymentRequired => ErrorKind.SpendCapReached,
        StatusCodes.Status403Forbidden => ErrorKind.InsufficientPermissions,
        StatusCodes.Status404NotFound => ErrorKind.NotFound,
        StatusCodes.Status405MethodNotAllowed => ErrorKind.MethodNotAllowed,
        StatusCodes.Status409Conflict => ErrorKind.Conflict,
        StatusCodes.Status413PayloadTooLarge => ErrorKind.RequestTooLarge,
        StatusCodes.Status415UnsupportedMediaType => ErrorKind.UnsupportedMediaType,
        StatusCodes.Status429TooManyRequests => ErrorKind.RateLimitExceeded,
        StatusCodes.Status503ServiceUnavailable => ErrorKind.ProviderUnavailable,
        StatusCodes.Status504GatewayTimeout => ErrorKind.ProviderTimeout,
        < 500 => ErrorKind.InvalidRequest,
        _ => ErrorKind.ProviderError,
    };

    protected override void Rewrite(ReadOnlySpan<byte> piece)
    {
        if (!_text.IsTooLarge)
        {
            _text.Add(piece);
        }
    }

    protected override void End()
    {
        var (message, param, code) = Read(_text.Span);
        var kind = status == StatusCodes.Status404NotFound && code == "model_not_found" ? ErrorKind.ModelNotFound : KindOf(status);
        var error = new EdgeError(kind, message ?? $"The provider '{provider}' answered {status}.") { Param = param, RetryAfter = retryAfter };
        Output.Append(ErrorWriter.Format(error, ErrorDialect.Flat).Span);
    }

    protected override void Release() => _text.Clear();

    private static (string? Message, string? Param, string? Code) Read(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            if (!JsonElement.TryParseValue(ref reader, out var parsed) || parsed is not { } root)
            {
                return default;
            }

            // Google sends its error in an array.
            root = root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 ? root[0] : root;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return default;
            }

            var error = root.TryGetProperty("error", out var reported) ? reported : root;
            return error.ValueKind switch
            {
                JsonValueKind.String => (error.GetString(), null, null),
                JsonValueKind.Object => (TextOf(error, "message") ?? TextOf(error, "detail") ?? FirstDetail(error), TextOf(error, "param"), TextOf(error, "code")),
                _ => default,
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The response is not JSON, or contains text that cannot be decoded, so the provider's message is unknown.
            return default;
        }
    }

    // Servers built with FastAPI list the invalid fields. Mistral also sends that list as the message.
    private static string? FirstDetail(JsonElement error)
    {
        error = error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.Object ? message : error;
        return error.TryGetProperty("detail", out var details) && details.ValueKind == JsonValueKind.Array && details.GetArrayLength() > 0 && details[0].ValueKind == JsonValueKind.Object
            ? TextOf(details[0], "msg")
            : null;
    }

    private static string? TextOf(JsonElement error, string name) =>
        error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
