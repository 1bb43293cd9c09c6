using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Tests.RateLimiting;

/// <summary>The error message for a refused caller.</summary>
public sealed class LimitSentenceTests
{
    private static readonly RateLimits Limits = new(60, 10, 1_000, 1);

    [Theory]
    [InlineData("requests", 0, 5, "The project's limit of 60 requests a minute (burst 10) is reached.")]
    [InlineData("tokens", 300, 5, "The project's limit of 1000 tokens a minute is reached. This request needs 300 tokens, and 20 are left.")]
    [InlineData("tokens", 0, 5, "The project's limit of 1000 tokens a minute is reached.")]
    [InlineData("concurrency", 300, 1, "The project's limit of 1 request at one time is reached.")]
    [InlineData("tokens", 3_000, null, "This request needs 3000 tokens, more than the project's limit of 1000 tokens a minute ever allows, so it can never pass.")]
    [InlineData("requests", 3_000, null, "The project's limit of 60 requests a minute (burst 10) lets no request pass.")]
    [InlineData("tokens", 0, null, "The project's limit of 1000 tokens a minute lets no request pass.")]
    public void The_message_names_the_limit_as_the_administrator_wrote_it(string by, long tokens, int? seconds, string expected)
    {
        var error = LimitSentence.Of(Refused(by, seconds), Limits, tokens);

        Assert.Equal((expected, ErrorKind.RateLimitExceeded, by), (error.Message, error.Kind, error.Param));
        Assert.Equal((seconds is null, seconds), (error.IsFinal, (int?)error.RetryAfter?.TotalSeconds));
    }

    [Theory]
    [InlineData(60L, 60L, "The agent's limit of 60 requests a minute is reached.")]
    [InlineData(1L, null, "The agent's limit of 1 request a minute is reached.")]
    public void A_burst_equal_to_the_limit_is_not_mentioned_and_one_request_is_singular(long perMinute, long? burst, string expected) =>
        Assert.Equal(expected, LimitSentence.Of(Refused("requests", 1), new(perMinute, burst, null, null), 0, "agent").Message);

    [Fact]
    public void An_unavailable_limiter_has_its_own_message()
    {
        var error = LimitSentence.Of(Refused(LimitName.Unavailable, 1), Limits, 5);
        Assert.Equal(("The edge cannot check the project's limits at the moment.", ErrorKind.RateLimitUnavailable, null), (error.Message, error.Kind, error.Param));
        Assert.Equal(TimeSpan.FromSeconds(1), error.RetryAfter);
    }

    private static RefusedReservation Refused(string by, int? seconds) =>
        new(new(new(10, 0, TimeSpan.FromSeconds(10)), new(1_000, 20, TimeSpan.FromSeconds(60)), new Refusal(by, seconds is { } wait ? TimeSpan.FromSeconds(wait) : null)));

    private sealed class RefusedReservation(RateLimitDecision decision) : RateLimitReservation(decision)
    {
        protected override void Release(long? actualTokens, bool isCancelled)
        {
        }
    }
}
