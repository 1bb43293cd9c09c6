using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Errors;

/// <summary>One refusal or failure, as the client will read it. Never holds a secret or text of a prompt.</summary>
/// <param name="Kind">Which of the closed set.</param>
/// <param name="Message">A sentence for the developer who reads it.</param>
public sealed record EdgeError(ErrorKind Kind, string Message)
{
    public const string ByProvider = "provider";

    /// <summary>The project has set it for one of its credentials.</summary>
    public const string ByCredential = "credential";

    /// <summary>The field, header or limit the error is about. Default null.</summary>
    public string? Param { get; init; }

    /// <summary>Why a right is missing, from a closed list (<c>key_type</c>, <c>origin_not_allowed</c>, …). Default null.</summary>
    public string? Reason { get; init; }

    /// <summary>What policies have found, from a closed list (<c>pii.card</c>, <c>secret.api_key</c>, <c>rule.…</c>), and nothing of the text. Default null: it is no matter of policies.</summary>
    public IReadOnlyList<string>? Reasons { get; init; }

    /// <summary>When the same request could succeed. Default null: no such time is known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>True where repeating the same request cannot help, or would only multiply what was repeated already. Default: what the kind says.</summary>
    public bool IsFinal { get; init; } = Kind.IsFinal;

    /// <summary>True where repeating the same request after <see cref="RetryAfter"/> is likely to help, and clients are asked to. Default: they decide.</summary>
    public bool IsRetryable { get; init; }

    /// <summary>Whose limit it is, where that is not the caller's project's: <see cref="ByProvider"/> or <see cref="ByCredential"/>. Default null: nobody else's.</summary>
    public string? LimitedBy { get; init; }

    /// <summary>The HTTP status. Default: the kind's.</summary>
    public int Status { get; init; } = Kind.Status;

    public static EdgeError Invalid(string message, string? param = null) => new(ErrorKind.InvalidRequest, message) { Param = param };

    /// <summary>What the edge itself needs is away for the moment: 503, and worth another try after a second.</summary>
    public static EdgeError Unavailable(string message) => new(ErrorKind.InternalError, message)
    {
        Status = StatusCodes.Status503ServiceUnavailable,
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    public static EdgeError Forbidden(string message, string reason) =>
        new(ErrorKind.InsufficientPermissions, message) { Reason = reason };
}

/// <summary>How any part of the pipeline refuses a request: it leaves the error on the request and returns.</summary>
public static class EdgeErrorHttpContextExtensions
{
    /// <summary>
    /// Ends the request with <paramref name="error"/>. The body is written by the outermost middleware, so the caller
    /// must not call the next middleware. A response that has begun is left as it is. The last refusal wins.
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

    /// <summary>The error this request ended with, if it was refused.</summary>
    public static EdgeError? GetRefusal(this HttpContext context) => Feature(context).Refusal;

    private static IErrorFeature Feature(HttpContext context) => context.Features.GetRequiredFeature<IErrorFeature>();
}
