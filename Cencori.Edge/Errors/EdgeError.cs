using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Errors;

/// <summary>One refusal or failure, as the client reads it. Never contains a secret or prompt text.</summary>
/// <param name="Kind">Decides status, code and type.</param>
/// <param name="Message">A sentence for the developer who reads it.</param>
public sealed record EdgeError(ErrorKind Kind, string Message)
{
    public const string ByProvider = "provider";

    /// <summary>Value of <see cref="LimitedBy"/>: the limit that the project has set on one of its provider credentials.</summary>
    public const string ByCredential = "credential";

    /// <summary>The field, header or limit the error is about. Default null.</summary>
    public string? Param { get; init; }

    /// <summary>Why the request is not permitted, from a closed list (<c>key_type</c>, <c>origin_not_allowed</c>, …). Default null.</summary>
    public string? Reason { get; init; }

    /// <summary>Names of policy findings, from a closed list (<c>pii.card</c>, <c>secret.api_key</c>, <c>rule.…</c>),
    /// without the text in which they were found. Default null: not a policy error.</summary>
    public IReadOnlyList<string>? Reasons { get; init; }

    /// <summary>How long to wait until the same request could succeed. Default null: not known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>True when a retry cannot help, or would multiply retries that the edge has already made. Default: <see cref="ErrorKind.IsFinal"/>.</summary>
    public bool IsFinal { get; init; } = Kind.IsFinal;

    /// <summary>True when a retry after <see cref="RetryAfter"/> is likely to help, and clients are asked to retry. Default false: clients decide.</summary>
    public bool IsRetryable { get; init; }

    /// <summary>Which limit was reached, when it is not a limit of the project itself: <see cref="ByProvider"/> or <see cref="ByCredential"/>. Default null: the project's own limit.</summary>
    public string? LimitedBy { get; init; }

    /// <summary>The HTTP status. Default: <see cref="ErrorKind.Status"/>.</summary>
    public int Status { get; init; } = Kind.Status;

    public static EdgeError Invalid(string message, string? param = null) => new(ErrorKind.InvalidRequest, message) { Param = param };

    /// <summary>A dependency of the edge is temporarily unavailable: 503, with <c>Retry-After</c> of one second.</summary>
    public static EdgeError Unavailable(string message) => new(ErrorKind.InternalError, message)
    {
        Status = StatusCodes.Status503ServiceUnavailable,
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    public static EdgeError Forbidden(string message, string reason) =>
        new(ErrorKind.InsufficientPermissions, message) { Reason = reason };
}

/// <summary>Lets any part of the pipeline refuse a request, by storing the error on the request.</summary>
public static class EdgeErrorHttpContextExtensions
{
    /// <summary>
    /// Ends the request with <paramref name="error"/>. The outermost middleware writes the body, so the caller must not call the next middleware.
    /// Has no effect on a response that has begun. If called several times, the last error is sent.
    /// </summary>
    public static Task Refuse(this HttpContext context, EdgeError error)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = error.Status;
            Feature(context).Refusal = error;
        }

        return Task.CompletedTask;
    }

    /// <summary>The error that refused this request, if any.</summary>
    public static EdgeError? GetRefusal(this HttpContext context) => Feature(context).Refusal;

    private static IErrorFeature Feature(HttpContext context) => context.Features.GetRequiredFeature<IErrorFeature>();
}
