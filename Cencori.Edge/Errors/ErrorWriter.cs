using System.Text.Json;

namespace Cencori.Edge.Errors;

/// <summary>The one place that writes an error. The path decides the dialect: flat below <c>/api</c>, OpenAI's nested shape elsewhere.</summary>
public static class ErrorWriter
{
    public static Task WriteAsync(HttpContext context, EdgeError error)
    {
        var response = context.Response;
        response.StatusCode = error.Status;
        response.ContentLength = null;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";

        if (error.IsFinal)
        {
            response.Headers["x-should-retry"] = "false";
        }

        if (error.RetryAfter is { } retryAfter)
        {
            response.Headers.RetryAfter = Seconds(retryAfter).ToString();
            response.Headers["retry-after-ms"] = Milliseconds(retryAfter).ToString();
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        using (var json = new Utf8JsonWriter(response.BodyWriter))
        {
            if (IsFlat(context.Request.Path))
            {
                WriteFlat(json, error);
            }
            else
            {
                WriteNested(json, error);
            }
        }

        return response.CompleteAsync();
    }

    /// <summary>The nested body alone, as it stands inside a stream that has already begun.</summary>
    public static void WriteNested(Utf8JsonWriter json, EdgeError error)
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", error.Message);
        json.WriteString("type", error.Kind.Type);
        json.WriteString("param", error.Param);
        json.WriteString("code", error.Kind.Code);
        WriteReason(json, error);
        json.WriteEndObject();
        json.WriteEndObject();
    }

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
    }

    // Both round up: a client that waits exactly as long as it was told must not be refused again.
    private static long Seconds(TimeSpan time) => Math.Max(1, (long)Math.Ceiling(time.TotalSeconds));

    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)Math.Ceiling(time.TotalMilliseconds));

    private static bool IsFlat(PathString path) => path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);
}
