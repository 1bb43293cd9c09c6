using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Errors;

/// <summary>Writes error responses, in the dialect of the request's endpoint. No other code writes an error body.</summary>
public static class ErrorWriter
{
    // The content type is JSON, so HTML escaping is not needed. HTML escaping would make apostrophes unreadable in a terminal.
    internal static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The content type of error bodies.</summary>
    public const string ContentType = "application/json; charset=utf-8";

    /// <summary>Tells OpenAI's and Anthropic's clients whether to retry: <c>true</c> or <c>false</c>. They check this header before the status.</summary>
    public const string ShouldRetry = "x-should-retry";

    // HTTP status "overloaded", which only Anthropic uses.
    private const int Overloaded = 529;

    public static async Task WriteAsync(HttpContext context, EdgeError error)
    {
        var response = context.Response;
        response.StatusCode = error.Status;

        // Removes the reason phrase of the provider's response, which may not fit the new status.
        context.Features.Get<IHttpResponseFeature>()?.ReasonPhrase = null;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";

        if (error.IsFinal || error.IsRetryable)
        {
            response.Headers[ShouldRetry] = error.IsFinal ? "false" : "true";
        }

        if (error.RetryAfter is { } retryAfter)
        {
            WriteRetryAfter(response.Headers, retryAfter);
        }

        if (error.LimitedBy is { } owner)
        {
            response.Headers["X-Cencori-Limited-By"] = owner;
        }

        var body = Format(error, context.Features.Get<IErrorFeature>()?.Dialect ?? ErrorDialect.OpenAI, context.TraceIdentifier);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(body);
        }
    }

    /// <summary>Adds the headers that say after which time to retry: <c>Retry-After</c> in seconds, and <c>retry-after-ms</c>.</summary>
    public static void WriteRetryAfter(IHeaderDictionary headers, TimeSpan wait)
    {
        headers.RetryAfter = Seconds(wait).ToString(CultureInfo.InvariantCulture);
        headers["retry-after-ms"] = Milliseconds(wait).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Formats the error body, without status and headers.</summary>
    /// <param name="error">The error.</param>
    /// <param name="dialect">The dialect.</param>
    /// <param name="requestId">The id of the request. Only Anthropic's dialect includes it in the body.</param>
    public static ReadOnlyMemory<byte> Format(EdgeError error, ErrorDialect dialect, string requestId = "")
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body, Json);
        switch (dialect)
        {
            case ErrorDialect.Flat:
                WriteFlat(json, error);
                break;
            case ErrorDialect.Anthropic:
                WriteAnthropic(json, error, requestId);
                break;
            default:
                json.WriteStartObject();
                WriteError(json, error);
                json.WriteEndObject();
                break;
        }

        json.Flush();
        return body.WrittenMemory;
    }

    /// <summary>Anthropic's dialect, used below <c>/v1/messages</c>. The body has Anthropic's members, plus the edge's own error code.</summary>
    internal static void WriteAnthropic(Utf8JsonWriter json, EdgeError error, string requestId)
    {
        json.WriteStartObject();
        json.WriteString("type", "error");
        json.WriteStartObject("error");
        json.WriteString("type", AnthropicType(error.Status));
        json.WriteString("message", error.Message);
        json.WriteString("param", error.Param);
        json.WriteString("code", error.Kind.Code);
        WriteReason(json, error);
        json.WriteEndObject();
        json.WriteString("request_id", requestId);
        json.WriteEndObject();
    }

    /// <summary>Writes OpenAI's member <c>error</c>.</summary>
    internal static void WriteError(Utf8JsonWriter json, EdgeError error)
    {
        json.WriteStartObject("error");
        json.WriteString("message", error.Message);
        json.WriteString("type", error.Kind.Type);
        json.WriteString("param", error.Param);
        json.WriteString("code", error.Kind.Code);
        WriteReason(json, error);
        json.WriteEndObject();
    }

    // Maps an HTTP status to the error type that Anthropic documents.
    private static string AnthropicType(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status402PaymentRequired => "billing_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status404NotFound => "not_found_error",
        StatusCodes.Status413PayloadTooLarge => "request_too_large",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        StatusCodes.Status504GatewayTimeout => "timeout_error",
        Overloaded => "overloaded_error",
        < 500 => "invalid_request_error",
        _ => "api_error",
    };

    private static void WriteFlat(Utf8JsonWriter json, EdgeError error)
    {
        json.WriteStartObject();
        json.WriteString("error", error.Kind.Title);
        json.WriteString("message", error.Message);
        json.WriteString("code", error.Kind.Code);
        WriteReason(json, error);
        if (error.Param is not null)
        {
            json.WriteString("param", error.Param);
        }

        if (error.RetryAfter is { } retryAfter)
        {
            json.WriteNumber("retry_after_ms", Milliseconds(retryAfter));
        }

        json.WriteEndObject();
    }

    private static void WriteReason(Utf8JsonWriter json, EdgeError error)
    {
        if (error.Reason is not null)
        {
            json.WriteString("reason", error.Reason);
        }

        if (error.Reasons is { } reasons)
        {
            json.WriteStartArray("reasons");
            foreach (var reason in reasons)
            {
                json.WriteStringValue(reason);
            }

            json.WriteEndArray();
        }
    }

    // Seconds and milliseconds are rounded up: a client that waits exactly the given time must not be refused again.
    internal static long Seconds(TimeSpan time) => DivideRoundingUp(time.Ticks, TimeSpan.TicksPerSecond);

    internal static long Milliseconds(TimeSpan time) => DivideRoundingUp(time.Ticks, TimeSpan.TicksPerMillisecond);

    private static long DivideRoundingUp(long value, long divisor) => Math.Max(1, (value / divisor) + (value % divisor > 0 ? 1 : 0));
}
