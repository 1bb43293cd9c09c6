namespace Cencori.Edge.Errors;

/// <summary>
/// A kind of error that a client can receive. <see cref="All"/> lists every kind. Each error body of the edge contains the <see cref="Code"/> of its kind.
/// Clients branch on the code, so a code never changes its meaning.
/// </summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">The stable upper-case code, the same in every dialect.</param>
/// <param name="Type">The <c>error.type</c> of OpenAI's dialect.</param>
/// <param name="Title">The <c>error</c> string of the flat dialect.</param>
public sealed record ErrorKind(int Status, string Code, string Type, string Title)
{
    private const string InvalidRequestType = "invalid_request_error";

    public static readonly ErrorKind InvalidApiKey = new(401, "INVALID_API_KEY", "authentication_error", "Invalid API key");
    public static readonly ErrorKind InsufficientPermissions = new(403, "INSUFFICIENT_PERMISSIONS", "permission_error", "Insufficient permissions");
    public static readonly ErrorKind RateLimitExceeded = new(429, "RATE_LIMIT_EXCEEDED", "rate_limit_error", "Rate limit exceeded");
    public static readonly ErrorKind MemoryQuotaExceeded = new(429, "MEMORY_QUOTA_EXCEEDED", "insufficient_quota", "Memory quota exceeded");
    public static readonly ErrorKind InvalidRequest = new(400, "INVALID_REQUEST", InvalidRequestType, "Invalid request");
    public static readonly ErrorKind ProviderNotConfigured = new(400, "PROVIDER_NOT_CONFIGURED", InvalidRequestType, "Provider not configured");
    public static readonly ErrorKind SpendCapReached = new(402, "SPEND_CAP_REACHED", "insufficient_quota", "Spend cap reached");
    public static readonly ErrorKind ModelNotFound = new(404, "MODEL_NOT_FOUND", InvalidRequestType, "Model not found");
    public static readonly ErrorKind NotFound = new(404, "NOT_FOUND", InvalidRequestType, "Not found");
    public static readonly ErrorKind MethodNotAllowed = new(405, "METHOD_NOT_ALLOWED", InvalidRequestType, "Method not allowed");
    public static readonly ErrorKind RequestTooLarge = new(413, "REQUEST_TOO_LARGE", InvalidRequestType, "Request too large");
    public static readonly ErrorKind UnsupportedMediaType = new(415, "UNSUPPORTED_MEDIA_TYPE", InvalidRequestType, "Unsupported media type");
    public static readonly ErrorKind PolicyViolation = new(403, "POLICY_VIOLATION", "policy_error", "Policy violation");
    public static readonly ErrorKind ProviderAuthFailed = new(502, "PROVIDER_AUTH_FAILED", "api_error", "Provider authentication failed");
    public static readonly ErrorKind ProviderError = new(502, "PROVIDER_ERROR", "api_error", "Provider error");
    public static readonly ErrorKind ProviderUnavailable = new(503, "PROVIDER_UNAVAILABLE", "api_error", "Provider unavailable");
    public static readonly ErrorKind ProviderTimeout = new(504, "PROVIDER_TIMEOUT", "api_error", "Provider timeout");
    public static readonly ErrorKind ProviderRateLimited = new(429, "PROVIDER_RATE_LIMITED", "rate_limit_error", "Provider rate limited");
    public static readonly ErrorKind RateLimitUnavailable = new(503, "RATE_LIMIT_UNAVAILABLE", "api_error", "Rate limit unavailable");
    public static readonly ErrorKind PolicyUnavailable = new(503, "POLICY_UNAVAILABLE", "api_error", "Policy unavailable");
    public static readonly ErrorKind Overloaded = new(503, "OVERLOADED", "api_error", "Overloaded");
    public static readonly ErrorKind Conflict = new(409, "CONFLICT", InvalidRequestType, "Conflict");
    public static readonly ErrorKind LoopDetected = new(508, "LOOP_DETECTED", "api_error", "Loop detected");
    public static readonly ErrorKind InternalError = new(500, "INTERNAL_ERROR", "api_error", "Internal error");

    /// <summary>Every kind, in the order of the error table in the API documentation.</summary>
    public static readonly IReadOnlyList<ErrorKind> All =
    [
        InvalidApiKey, InsufficientPermissions, RateLimitExceeded, MemoryQuotaExceeded, InvalidRequest, ProviderNotConfigured, SpendCapReached,
        ModelNotFound, NotFound, MethodNotAllowed, RequestTooLarge, UnsupportedMediaType, PolicyViolation, ProviderAuthFailed,
        ProviderError, ProviderUnavailable, ProviderTimeout, ProviderRateLimited, RateLimitUnavailable, PolicyUnavailable, Overloaded, Conflict, LoopDetected, InternalError,
    ];

    /// <summary>True when a retry cannot help. Such responses carry <c>x-should-retry: false</c>.</summary>
    public bool IsFinal => Status is >= 400 and < 500 and not 408 and not 429 || this == ProviderAuthFailed || this == LoopDetected;
}
