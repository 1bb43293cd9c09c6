using Cencori.Edge.Errors;
using Cencori.Edge.Records;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Tests.Records;

/// <summary>Which requests that reached no provider get a row.</summary>
public sealed class RefusalSamplerTests
{
    private static readonly DateTimeOffset Second = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [Theory]
    [InlineData(400, "INVALID_REQUEST")]
    [InlineData(402, "SPEND_CAP_REACHED")]
    [InlineData(403, "INSUFFICIENT_PERMISSIONS")]
    [InlineData(404, "MODEL_NOT_FOUND")]
    [InlineData(405, "METHOD_NOT_ALLOWED")]
    [InlineData(413, "REQUEST_TOO_LARGE")]
    [InlineData(415, "UNSUPPORTED_MEDIA_TYPE")]
    [InlineData(500, "INTERNAL_ERROR")]
    [InlineData(503, "RATE_LIMIT_UNAVAILABLE")]
    public void Ten_refusals_per_second_and_project_are_kept(int status, string code)
    {
        var rows = new RefusalSampler();

        Assert.Equal(10, Enumerable.Range(0, 1_000).Count(_ => rows.Keeps(Refusal(status, code))));
        Assert.Equal(10, Enumerable.Range(0, 1_000).Count(_ => rows.Keeps(Refusal(status, code, second: 1))));
        Assert.Equal(10, Enumerable.Range(0, 1_000).Count(_ => rows.Keeps(Refusal(status, code, project: "prj_2"))));
    }

    [Fact]
    public void A_flood_of_one_error_hides_no_other_and_the_total_is_bounded()
    {
        var rows = new RefusalSampler();
        Assert.Equal(10, Enumerable.Range(0, 1_000).Count(_ => rows.Keeps(Refusal(403, "INSUFFICIENT_PERMISSIONS"))));

        Assert.True(rows.Keeps(Refusal(404, "MODEL_NOT_FOUND")));
        Assert.False(rows.Keeps(Refusal(404, "MODEL_NOT_FOUND")));
        var kept = Enumerable.Range(0, 10).SelectMany(_ => ErrorKind.All).Count(kind => rows.Keeps(Refusal(kind.Status, kind.Code)));
        Assert.InRange(kept, 1, ErrorKind.All.Count);
    }

    [Fact]
    public void Requests_that_reached_a_provider_are_always_kept()
    {
        var rows = new RefusalSampler();
        for (var number = 0; number < 1_000; number++)
        {
            Assert.True(rows.Keeps(SomeRecord.Of(status: 403, outcome: RequestOutcome.Error)));
            Assert.True(rows.Keeps(SomeRecord.Of()));
        }
    }

    [Fact]
    public void Requests_that_could_not_reach_a_provider_are_sampled()
    {
        var rows = new RefusalSampler();
        var record = SomeRecord.Of(status: 503, outcome: RequestOutcome.Error, errorCode: "PROVIDER_UNAVAILABLE");
        record.Attempts = [new() { Number = 1, Target = "openai/gpt-4o", Started = 1, Outcome = RequestAttempt.NeverSent }];

        Assert.Equal(10, Enumerable.Range(0, 1_000).Count(_ => rows.Keeps(record)));
    }

    [Fact]
    public void A_hundred_abandoned_requests_per_second_are_kept()
    {
        var rows = new RefusalSampler();

        Assert.Equal(100, Enumerable.Range(0, 1_000).Count(_ => rows.Keeps(SomeRecord.Of(provider: null, status: 499, outcome: RequestOutcome.Cancelled))));
    }

    private static RequestRecord Refusal(int status, string code, int second = 0, string project = "prj_1")
    {
        var record = SomeRecord.Of(provider: null, status: status, outcome: RequestOutcome.Error, errorCode: code);
        (record.StartedAt, record.ProjectId) = (Second.AddSeconds(second), project);
        return record;
    }
}
