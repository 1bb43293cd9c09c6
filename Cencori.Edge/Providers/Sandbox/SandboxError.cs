using System.Net;
using System.Net.Http.Headers;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>An error in OpenAI's nested shape.</summary>
internal sealed record SandboxError(HttpStatusCode Status, string Type, string Message, string? Param = null, string? Code = null)
{
    public static SandboxError Invalid(string message, string? param = null, string? code = null) =>
        new(HttpStatusCode.BadRequest, "invalid_request_error", message, param, code);

    public static SandboxError NotFound(string message, string? param = null, string? code = null) =>
        new(HttpStatusCode.NotFound, "invalid_request_error", message, param, code);

    /// <summary>The errors with which the models <c>error-400</c> to <c>error-503</c> respond.</summary>
    public static SandboxError ForStatus(int status) => status switch
    {
        400 => Invalid("The sandbox was asked to reject this request as invalid."),
        401 => new(HttpStatusCode.Unauthorized, "invalid_request_error", "The sandbox was asked to reject the credential.", Code: "invalid_api_key"),
        429 => new(HttpStatusCode.TooManyRequests, "requests", "The sandbox was asked to report that a rate limit is reached.", Code: "rate_limit_exceeded"),
        503 => new(HttpStatusCode.ServiceUnavailable, "server_error", "The sandbox was asked to report that it is unavailable."),
        _ => new(HttpStatusCode.InternalServerError, "server_error", "The sandbox was asked to report a server error."),
    };

    /// <summary>The error for an API key that has used up the sandbox's work limit.</summary>
    public static SandboxError Busy(TimeSpan wait) =>
        new(HttpStatusCode.TooManyRequests, "requests", "The sandbox has reached its work limit for this API key. Retry later.", Code: "rate_limit_exceeded") { RetryAfter = wait };

    /// <summary>The wait until a retry if the status is 429. Default one second.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    public HttpResponseMessage ToResponse()
    {
        var content = new ByteArrayContent(SandboxJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("error");
            json.WriteString("message", Message);
            json.WriteString("type", Type);
            json.WriteString("param", Param);
            json.WriteString("code", Code);
            json.WriteEndObject();
            json.WriteEndObject();
        }));
        content.Headers.ContentType = SandboxJson.ContentType;

        var response = new HttpResponseMessage(Status) { Content = content };
        if (Status == HttpStatusCode.TooManyRequests)
        {
            response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(Math.Ceiling(RetryAfter.TotalSeconds)));
        }

        return response;
    }
}
