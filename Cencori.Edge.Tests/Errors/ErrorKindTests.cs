using System.Text;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Tests.Errors;

/// <summary>Clients branch on these strings. Each row is written out in full, so that no change goes unnoticed.</summary>
public class ErrorKindTests
{
    public static TheoryData<string, int, string, string, bool> Rows { get; } = new()
    {
        { "INVALID_API_KEY", 401, "authentication_error", "Invalid API key", true },
        { "INSUFFICIENT_PERMISSIONS", 403, "permission_error", "Insufficient permissions", true },
        { "RATE_LIMIT_EXCEEDED", 429, "rate_limit_error", "Rate limit exceeded", false },
        { "MEMORY_QUOTA_EXCEEDED", 429, "insufficient_quota", "Memory quota exceeded", false },
        { "INVALID_REQUEST", 400, "invalid_request_error", "Invalid request", true },
        { "PROVIDER_NOT_CONFIGURED", 400, "invalid_request_error", "Provider not configured", true },
        { "SPEND_CAP_REACHED", 402, "insufficient_quota", "Spend cap reached", true },
        { "MODEL_NOT_FOUND", 404, "invalid_request_error", "Model not found", true },
        { "NOT_FOUND", 404, "invalid_request_error", "Not found", true },
        { "METHOD_NOT_ALLOWED", 405, "invalid_request_error", "Method not allowed", true },
        { "REQUEST_TOO_LARGE", 413, "invalid_request_error", "Request too large", true },
        { "UNSUPPORTED_MEDIA_TYPE", 415, "invalid_request_error", "Unsupported media type", true },
        { "POLICY_VIOLATION", 403, "policy_error", "Policy violation", true },
        { "PROVIDER_AUTH_FAILED", 502, "api_error", "Provider authentication failed", true },
        { "PROVIDER_ERROR", 502, "api_error", "Provider error", false },
        { "PROVIDER_UNAVAILABLE", 503, "api_error", "Provider unavailable", false },
        { "PROVIDER_TIMEOUT", 504, "api_error", "Provider timeout", false },
        { "PROVIDER_RATE_LIMITED", 429, "rate_limit_error", "Provider rate limited", false },
        { "RATE_LIMIT_UNAVAILABLE", 503, "api_error", "Rate limit unavailable", false },
        { "POLICY_UNAVAILABLE", 503, "api_error", "Policy unavailable", false },
        { "OVERLOADED", 503, "api_error", "Overloaded", false },
        { "CONFLICT", 409, "invalid_request_error", "Conflict", true },
        { "LOOP_DETECTED", 508, "api_error", "Loop detected", true },
        { "INTERNAL_ERROR", 500, "api_error", "Internal error", false },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Kind_has_the_status_type_title_and_finality_of_the_contract(string code, int status, string type, string title, bool isFinal)
    {
        var kind = Assert.Single(ErrorKind.All, kind => kind.Code == code);

        Assert.Equal((status, type, title, isFinal), (kind.Status, kind.Type, kind.Title, kind.IsFinal));
        Assert.Equal((status, isFinal), (new EdgeError(kind, "").Status, new EdgeError(kind, "").IsFinal));
    }

    [Fact]
    public void Table_of_this_test_names_every_kind_in_the_contracts_order() =>
        Assert.Equal(Rows.Select(row => (string)row[0]), ErrorKind.All.Select(kind => kind.Code));

    [Theory]
    [MemberData(nameof(Rows))]
    public void Kind_is_written_nested_with_a_null_param_and_a_string_code(string code, int status, string type, string title, bool isFinal)
    {
        _ = (status, title, isFinal);
        var error = new EdgeError(ErrorKind.All.Single(kind => kind.Code == code), "It's so.");

        Assert.Equal(
            $$$"""{"error":{"message":"It's so.","type":"{{{type}}}","param":null,"code":"{{{code}}}"}}""",
            Encoding.UTF8.GetString(ErrorWriter.Format(error, ErrorDialect.OpenAI).Span));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Kind_is_written_flat_with_its_title_as_a_string(string code, int status, string type, string title, bool isFinal)
    {
        _ = (status, type, isFinal);
        var error = new EdgeError(ErrorKind.All.Single(kind => kind.Code == code), "It's so.");

        Assert.Equal(
            $$"""{"error":"{{title}}","message":"It's so.","code":"{{code}}"}""",
            Encoding.UTF8.GetString(ErrorWriter.Format(error, ErrorDialect.Flat).Span));
    }

    [Theory]
    [InlineData(400, "invalid_request_error")]
    [InlineData(401, "authentication_error")]
    [InlineData(402, "billing_error")]
    [InlineData(403, "permission_error")]
    [InlineData(404, "not_found_error")]
    [InlineData(405, "invalid_request_error")]
    [InlineData(408, "invalid_request_error")]
    [InlineData(409, "invalid_request_error")]
    [InlineData(413, "request_too_large")]
    [InlineData(415, "invalid_request_error")]
    [InlineData(429, "rate_limit_error")]
    [InlineData(500, "api_error")]
    [InlineData(502, "api_error")]
    [InlineData(503, "api_error")]
    [InlineData(504, "timeout_error")]
    [InlineData(529, "overloaded_error")]
    public void Anthropic_s_type_follows_the_status_and_the_code_stands_beside_it(int status, string type)
    {
        var error = new EdgeError(ErrorKind.InternalError, "It's so.") { Status = status, Param = "model", Reason = "key_type" };

        Assert.Equal(
            $$$"""{"type":"error","error":{"type":"{{{type}}}","message":"It's so.","param":"model","code":"INTERNAL_ERROR","reason":"key_type"},"request_id":"req_1"}""",
            Encoding.UTF8.GetString(ErrorWriter.Format(error, ErrorDialect.Anthropic, "req_1").Span));
    }

    [Fact]
    public void Param_reason_and_wait_stand_beside_the_code_in_each_dialect()
    {
        var error = new EdgeError(ErrorKind.RateLimitExceeded, "Wait.") { Param = "requests", Reason = "key_type", RetryAfter = TimeSpan.FromSeconds(45) };

        Assert.Equal(
            """{"error":{"message":"Wait.","type":"rate_limit_error","param":"requests","code":"RATE_LIMIT_EXCEEDED","reason":"key_type"}}""",
            Encoding.UTF8.GetString(ErrorWriter.Format(error, ErrorDialect.OpenAI).Span));
        Assert.Equal(
            """{"error":"Rate limit exceeded","message":"Wait.","code":"RATE_LIMIT_EXCEEDED","reason":"key_type","param":"requests","retry_after_ms":45000}""",
            Encoding.UTF8.GetString(ErrorWriter.Format(error, ErrorDialect.Flat).Span));
    }
}
