using System.Collections.Frozen;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;

namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>The cause and the retry time that a provider's error response reports.</summary>
/// <param name="Cause">The cause, from the body.</param>
/// <param name="RetryAfter">The time until a retry, from headers or body. Null: the response does not say.</param>
internal readonly record struct Refusal(RefusalCause Cause, TimeSpan? RetryAfter)
{
    // Error codes for a spent quota: of OpenAI, and of compatible providers (Moonshot, Alibaba, Groq, Copilot, Codex, Google).
    private static readonly FrozenSet<string> Spent = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "insufficient_quota", "quota_exceeded", "subscription_quota_exceeded", "exceeded_current_quota_error", "usage_limit_reached", "insufficient_balance", "insufficient_credits",
        "billing_error", "billing_hard_limit_reached", "billing_limit_user_error", "billing_not_active", "blocked_api_access", "account_deactivated", "access_terminated",
        "arrearage", "billing_disabled", "consumer_suspended");

    private static readonly FrozenSet<string> OfModel = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "model_not_found", "invalid_model", "model_decommissioned");

    private static readonly FrozenSet<string> OfRequest = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "content_filter", "content_policy_violation", "moderation_blocked");

    /// <summary>True: only the body shows whether the provider rejects the credential, because Google and xAI do so with status 400.</summary>
    public static bool MayRejectCredential(int status, string provider) => status == StatusCodes.Status400BadRequest && provider is ("google" or "xai");

    /// <summary>Reads the headers and the beginning of the body of an error response.</summary>
    /// <param name="response">The response. After this method, its content still yields the whole body, including the part that this method has read.</param>
    /// <param name="attempt">The attempt that the response belongs to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    public static async ValueTask<Refusal> ReadAsync(HttpResponseMessage response, Attempt attempt, TimeProvider time, CancellationToken cancellation)
    {
        var (status, now) = ((int)response.StatusCode, time.GetUtcNow());
        var reported = RetryAfterParser.Parse(response, now);
        if (!HasUsefulBody(status, reported) || ResponseBodyInfo.Of(response, attempt) is not { Encodings: [], Length: not 0 } || !ResponseBodyInfo.IsJson(response.Content.Headers.ContentType))
        {
            return new(OfStatus(status), reported ?? RetryAfterParser.OfLimits(response, now));
        }

        var body = await BufferedRefusalBody.OpenAsync(await response.Content.ReadAsStreamAsync(cancellation), time, cancellation);
        response.Content = new PeekedContent(response.Content, body);
        var text = RefusalText.Read(body.Beginning);
        return new(CauseOf(status, attempt.Provider.Id, text), reported ?? text.RetryDelay ?? (text.Message is { } message ? RetryAfterParser.InText(message) : null) ?? RetryAfterParser.OfLimits(response, now));
    }

    /// <param name="status">The provider's HTTP status.</param>
    /// <param name="provider">The provider's id. Some sentences are recognised only from the provider that is known to write them.</param>
    /// <param name="text">The text of the body.</param>
    public static RefusalCause CauseOf(int status, string provider, in RefusalText text) => status switch
    {
        StatusCodes.Status402PaymentRequired => text.Message?.Contains("max_tokens", StringComparison.Ordinal) == true ? RefusalCause.ExceedsQuota : RefusalCause.QuotaSpent,
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status429TooManyRequests when Begins(text, "Request too large for") => RefusalCause.ExceedsQuota,
        StatusCodes.Status400BadRequest or StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests when IsSpent(status, provider, text) => RefusalCause.QuotaSpent,
        StatusCodes.Status400BadRequest when IsOfCredential(provider, text) => RefusalCause.Credential,
        StatusCodes.Status400BadRequest or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound when Is(text, OfModel) && text.Param is null or "" or "model" => RefusalCause.Model,
        StatusCodes.Status400BadRequest when provider == "deepseek" && Begins(text, "Model Not Exist") => RefusalCause.Model,
        StatusCodes.Status404NotFound when provider == "openrouter" && Begins(text, "No endpoints found that support") => RefusalCause.Unsupported,
        StatusCodes.Status403Forbidden when Is(text, OfRequest) || text.IsFlagged => RefusalCause.Request,
        StatusCodes.Status400BadRequest or StatusCodes.Status413PayloadTooLarge or StatusCodes.Status422UnprocessableEntity when OverflowText.IsOverflow(text) => RefusalCause.TooLong,
        _ => RefusalCause.Unknown,
    };

    /// <summary>The cause for an error that is the first content of an event stream.</summary>
    public static RefusalCause CauseOfEvent(in RefusalText text) =>
        Is(text, Spent) ? RefusalCause.QuotaSpent : OverflowText.IsOverflow(text) ? RefusalCause.TooLong : Is(text, OfRequest) || text.Type == "invalid_request_error" ? RefusalCause.Request : RefusalCause.Unknown;

    // Whether to read the body. For other statuses (a plain failure, an invalid request) the body would change nothing.
    private static bool HasUsefulBody(int status, TimeSpan? reported) => status switch
    {
        StatusCodes.Status400BadRequest or StatusCodes.Status401Unauthorized or StatusCodes.Status402PaymentRequired or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound
            or StatusCodes.Status413PayloadTooLarge or StatusCodes.Status422UnprocessableEntity or StatusCodes.Status429TooManyRequests => true,
        StatusCodes.Status503ServiceUnavailable or 529 => reported is null,
        _ => false,
    };

    private static RefusalCause OfStatus(int status) => status == StatusCodes.Status402PaymentRequired ? RefusalCause.QuotaSpent : RefusalCause.Unknown;

    private static bool IsSpent(int status, string provider, in RefusalText text) => Is(text, Spent) || (text.Message, status, provider) switch
    {
        (null, _, _) => false,
        (_, StatusCodes.Status429TooManyRequests, _) when Begins(text, "Subscription quota exceeded") => true,
        (_, StatusCodes.Status400BadRequest, "anthropic") => Begins(text, "Your credit balance is too low") || Begins(text, "You have reached your specified API usage limits")
            || Begins(text, "You have reached your specified workspace API usage limits") || Begins(text, "This organization has been disabled"),
        ({ } message, not StatusCodes.Status400BadRequest, "xai") => Begins(text, "You have run out of credits") || Begins(text, "Your newly created team doesn't have any credits")
            || (Begins(text, "Your team ") && message.Contains("used all available credits", StringComparison.Ordinal)),
        (_, StatusCodes.Status403Forbidden, "azure-openai") => Begins(text, "Out of call volume quota"),
        _ => false,
    };

    private static bool IsOfCredential(string provider, in RefusalText text) =>
        text.Reason == "API_KEY_INVALID" || (provider == "google" && Begins(text, "API key not valid")) || (provider == "xai" && Begins(text, "Incorrect API key provided"));

    private static bool Is(in RefusalText text, FrozenSet<string> words) =>
        (text.Code is { } code && words.Contains(code)) || (text.Type is { } type && words.Contains(type)) || (text.Reason is { } reason && words.Contains(reason));

    private static bool Begins(in RefusalText text, string words) => text.Message?.StartsWith(words, StringComparison.OrdinalIgnoreCase) == true;
}
