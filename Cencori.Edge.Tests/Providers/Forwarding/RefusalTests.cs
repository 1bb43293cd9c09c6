using System.Text;
using Cencori.Edge.Providers.Forwarding.Refusals;

namespace Cencori.Edge.Tests.Providers.Forwarding;

/// <summary>Error bodies of real providers, and the cause that the edge reads from each.</summary>
public sealed class RefusalTests
{
    private const string OpenAISpent = """{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""";
    private const string AnthropicSpent = """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."},"request_id":"req_1"}""";

    [Theory]
    [InlineData("openai", 429, OpenAISpent)]
    [InlineData("perplexity", 401, """{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":401}}""")]
    [InlineData("openai", 400, """{"error":{"code":"billing_hard_limit_reached","message":"Billing hard limit has been reached","param":null,"type":"invalid_request_error"}}""")]
    [InlineData("openai", 429, """{"error":{"message":"Your account is not active","type":"billing_not_active","param":null,"code":"billing_not_active"}}""")]
    [InlineData("openai", 401, """{"error":{"message":"The OpenAI account associated with this API key has been deactivated.","type":"invalid_request_error","param":null,"code":"account_deactivated"}}""")]
    [InlineData("anthropic", 400, AnthropicSpent)]
    [InlineData("anthropic", 400, """{"error":{"code":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API.","type":"invalid_request_error","param":null}}""")]
    [InlineData("anthropic", 402, """{"type":"error","error":{"type":"billing_error","message":"x"}}""")]
    [InlineData("deepseek", 402, """{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}""")]
    [InlineData("xai", 429, """{"code":"Some resource has been exhausted","error":"Your team 16f2 has either used all available credits or reached its monthly spending limit."}""")]
    [InlineData("google", 403, """[{"error":{"code":403,"message":"x","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"BILLING_DISABLED"}]}}]""")]
    [InlineData("acme", 429, """{"error":{"message":"Subscription quota exceeded"}}""")]
    [InlineData("acme", 429, """{"error":{"message":"x","code":"quota_exceeded"}}""")]
    public void A_used_up_quota_or_balance_is_recognised(string provider, int status, string body) => Assert.Equal(RefusalCause.QuotaSpent, CauseOf(provider, status, body));

    [Theory]
    [InlineData("openai", 429, """{"error":{"message":"Rate limit reached for gpt-4o","type":"tokens","param":null,"code":"rate_limit_exceeded"}}""")]
    [InlineData("google", 429, """[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. Quota exceeded for metric: x, limit: 10","status":"RESOURCE_EXHAUSTED"}}]""")]
    [InlineData("anthropic", 429, """{"type":"error","error":{"type":"rate_limit_error","message":"x"}}""")]
    [InlineData("openai", 400, """{"error":{"message":"x","type":"invalid_request_error","param":null,"code":"content_filter"}}""")]
    [InlineData("openai", 500, OpenAISpent)]
    [InlineData("openai", 404, """{"error":{"message":"Invalid URL (POST /v1/foo)","type":"invalid_request_error","param":null,"code":null}}""")]
    [InlineData("openai", 404, """{"error":{"message":"No such tool model","type":"invalid_request_error","param":"tools[0].model","code":"model_not_found"}}""")]
    [InlineData("openai", 403, """{"error":{"message":"Country not supported","type":"request_forbidden","param":null,"code":"unsupported_country_region_territory"}}""")]
    [InlineData("openai", 400, """["insufficient_quota"]""")]
    [InlineData("openai", 429, """{"error":{"code":"insufficient_quota" """)]
    [InlineData("openai", 429, """{"error":{"message":"\ud800","code":1}}""")]
    [InlineData("openai", 429, "null")]
    [InlineData("openai", 429, "[]")]
    [InlineData("openai", 429, "")]
    public void Other_bodies_tell_no_more_than_the_status(string provider, int status, string body) => Assert.Equal(RefusalCause.Unknown, CauseOf(provider, status, body));

    // An error message may repeat text of the caller. So a known sentence counts only from its own provider, and only at the start of the message.
    [Theory]
    [InlineData("openai", 400, AnthropicSpent)]
    [InlineData("openai", 400, """{"error":{"message":"Invalid value: 'insufficient_quota'","type":"invalid_request_error","param":"insufficient_quota","code":null}}""")]
    [InlineData("anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"messages.0.role: unexpected value 'Your credit balance is too low'"}}""")]
    [InlineData("xai", 400, """{"code":"Client specified an invalid argument","error":"Your team used all available credits"}""")]
    [InlineData("openai", 429, """{"error":{"message":"Rate limit reached for ft:Subscription quota exceeded","type":"requests","code":"rate_limit_exceeded"}}""")]
    public void A_callers_text_cannot_make_an_account_look_used_up(string provider, int status, string body) => Assert.Equal(RefusalCause.Unknown, CauseOf(provider, status, body));

    [Theory]
    [InlineData("openai", 404, "model_not_found", "model")]
    [InlineData("openai", 403, "model_not_found", null)]
    [InlineData("openai", 400, "model_not_found", "model")]
    [InlineData("groq", 400, "model_decommissioned", null)]
    public void A_missing_model_is_recognised(string provider, int status, string code, string? param) =>
        Assert.Equal(RefusalCause.Model, CauseOf(provider, status, $$$"""{"error":{"message":"x","type":"invalid_request_error","param":{{{(param is null ? "null" : $"\"{param}\"")}}},"code":"{{{code}}}"}}"""));

    [Theory]
    [InlineData("deepseek", 400, "Model Not Exist", RefusalCause.Model)]
    [InlineData("openai", 400, "Model Not Exist", RefusalCause.Unknown)]
    [InlineData("deepseek", 400, "Invalid text: Model Not Exist", RefusalCause.Unknown)]
    [InlineData("openrouter", 404, "No endpoints found that support tool use. To learn more, see the docs.", RefusalCause.Unsupported)]
    [InlineData("openrouter", 404, "No endpoints found for some/model.", RefusalCause.Unknown)]
    [InlineData("openai", 404, "No endpoints found that support tool use.", RefusalCause.Unknown)]
    public void Sentences_about_a_model_count_only_from_their_provider(string provider, int status, string message, RefusalCause cause) =>
        Assert.Equal(cause, CauseOf(provider, status, $$$"""{"error":{"message":"{{{message}}}","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"""));

    [Theory]
    [InlineData("openai", 400, """{"error":{"message":"This model's maximum context length is 128000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""")]
    [InlineData("openai", 413, """{"error":{"code":"tokens_limit_reached","message":"x"}}""")]
    [InlineData("acme", 422, """{"error":"`inputs` must have less than 4096 tokens. Given: 5000"}""")]
    public void A_request_longer_than_the_context_window_is_recognised(string provider, int status, string body) => Assert.Equal(RefusalCause.TooLong, CauseOf(provider, status, body));

    [Theory]
    [InlineData("google", """[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]""")]
    [InlineData("xai", """{"code":"Client specified an invalid argument","error":"Incorrect API key provided: sk***"}""")]
    public void A_credential_rejected_with_400_is_recognised(string provider, string body) => Assert.Equal(RefusalCause.Credential, CauseOf(provider, 400, body));

    [Theory]
    [InlineData(402, """{"error":{"code":402,"message":"This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 3000."}}""")]
    [InlineData(429, """{"error":{"message":"Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 37000.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}""")]
    public void A_request_too_large_for_the_accounts_limits_is_recognised(int status, string body) => Assert.Equal(RefusalCause.ExceedsQuota, CauseOf("openrouter", status, body));

    [Theory]
    [InlineData("""{"error":{"code":403,"message":"flagged","metadata":{"reasons":["violence"],"flagged_input":"x"}}}""")]
    [InlineData("""{"error":{"code":"content_policy_violation","message":"x"}}""")]
    public void Rejected_content_is_recognised(string body) => Assert.Equal(RefusalCause.Request, CauseOf("openrouter", 403, body));

    [Fact]
    public void Googles_delay_is_read() => Assert.Equal(52, RefusalText.Read("""[{"error":{"code":429,"details":[{"@type":"x"},{"retryDelay":"52s"}]}}]"""u8).RetryDelay!.Value.TotalSeconds);

    private static RefusalCause CauseOf(string provider, int status, string body) => Refusal.CauseOf(status, provider, RefusalText.Read(Encoding.UTF8.GetBytes(body)));
}
