using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>Reports of one project to Redis about ended requests, and about usage admitted without Redis.</summary>
public sealed class RedisReportTests(StalledRedis redis) : RedisProjectTestBase(redis)
{
    [RedisFact]
    public void Unused_and_excess_tokens_are_reported_for_the_bucket_that_paid()
    {
        var (less, more, others, cancelled) = (Admit(100), Admit(100), Admit(100, payer: 5), Admit(100));
        MarkUnavailable();
        End(less, 40);
        End(more, 130);
        End(others, 90);
        cancelled.Cancel();
        End(Admit(100), 100);

        Assert.False(Project.IsIdle);
        Assert.False(Project.TryRetire());
        var call = Participant.NextCall()!;
        Assert.Equal([new(call.Number, 0, 0, 0, 0) { UnusedRequests = 1 }, new(call.Number, 0, 0, Payer, 30), new(call.Number, 0, 0, 5, 10), new(call.Number, 0, 0, Payer, 100)], call.Reports);

        Take(call);
        Assert.Null(Participant.NextCall());
        Assert.True(Project.IsIdle);
    }

    [RedisFact]
    public void Unconfirmed_reports_are_repeated_under_the_number_of_the_first_call()
    {
        var (first, second) = (Admit(100), Admit(100));
        MarkUnavailable();
        End(first, 40);
        var reported = Participant.NextCall()!;
        Participant.Abandon(reported);
        Assert.False(Project.IsIdle);

        End(second, 90);
        var again = Participant.NextCall()!;
        Assert.Equal([new(reported.Number, 0, 0, Payer, 60), new Report(again.Number, 0, 0, Payer, 10)], again.Reports);
        Assert.True(again.Number > reported.Number);
        Participant.Abandon(again);
        Assert.Equal(again.Reports, Participant.NextCall()!.Reports);
    }

    [RedisFact]
    public void Of_many_repeated_reports_the_newest_are_kept()
    {
        var reports = Enumerable.Range(1, RedisCall.MaxParts + 3).Select(number => new Report(number, 0, 0, Payer, 1)).ToList();
        Participant.Abandon(new RedisCall(900, 0, 0, reports, []));
        Assert.Equal(reports.Skip(3), Participant.NextCall()!.Reports);
    }

    [RedisFact]
    public void After_a_lost_call_the_slots_in_Redis_are_unknown()
    {
        Participant.Abandon(new RedisCall(1, 0, 0, [], []));
        Assert.NotNull(Participant.NextCall());
        Assert.False(Project.IsIdle);
    }

    [RedisFact]
    public void Usage_admitted_without_Redis_is_reported_once_less_what_was_returned_before()
    {
        MarkUnavailable();
        var (first, second, third) = (Acquire(All, 100), Acquire(All, 100), Acquire(All, 100));
        End(first, 40);
        second.Cancel();
        Acquire(All, 50, permits: 0).Dispose();
        End(third, 150);

        var call = Participant.NextCall()!;
        Assert.Equal([new Report(call.Number, 2, 190, 0, 0)], call.Reports);
        Take(call);
        Assert.Null(Participant.NextCall());
    }

    [RedisFact]
    public void A_request_cancelled_after_it_was_reported_is_returned()
    {
        MarkUnavailable();
        var reservation = Acquire(All, 100);
        var reported = Participant.NextCall()!;
        Assert.Equal([new Report(reported.Number, 1, 100, 0, 0)], reported.Reports);
        Take(reported);

        reservation.Cancel();
        var call = Participant.NextCall()!;
        Assert.Equal([new Report(call.Number, 0, 0, 0, 0) { UnusedRequests = 1 }], call.Reports);
    }

    [RedisFact]
    public void Usage_that_ended_during_a_call_is_added_to_its_reply_if_the_same_bucket_paid()
    {
        var (mine, others, cancelled) = (Admit(100), Admit(100, payer: 5), Admit(100));
        MarkUnavailable();
        End(mine, 0);
        End(others, 0);
        cancelled.Cancel();

        Reply(All, 0, isAdmitted: true, requests: 4, tokens: 50, permits: 0);
        var levels = Project.ReadLevels(All);
        Assert.Equal((5, 250), (levels.Requests!.Value.Level, levels.Tokens!.Value.Level));
    }
}
