using System.Globalization;
using Cencori.Edge.Tests.Infrastructure;
using CsCheck;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Verification;

/// <summary>
/// Whatever happens in a month (requests of several kinds that end in every way, prices and budgets that change, a Redis that is flushed or
/// killed, a database that is locked), while Redis answers no more is spent than the budget has, and in the end all sums agree.
/// </summary>
/// <remarks>
/// After a Redis that has lost its memory a budget may count more than was spent, never less: what edges remember of work that goes on, and
/// what was not told yet, may be in the records as well.
/// </remarks>
[Trait(Quiet.Trait, "Redis has a second for a call.")]
[Trait(SlowestTests.Trait, "What Redis has lost is learned again from the records after 5 s.")]
public sealed class MonthProperties(MonthProperties.Edges edges, ITestOutputHelper output) : IClassFixture<MonthProperties.Edges>
{
    /// <summary>How many months; the seed of one that failed is in <c>CsCheck_Seed</c>.</summary>
    private const string Variable = "CENCORI_TEST_MONTHS";

    private const int Rounds = 8;

    private static readonly int Months = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var months) ? months : 1;

    [RedisTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_month_closes(bool isRedisLost)
    {
        var script = new MonthScript();
        edges.Provider.Respond((request, response) => script.RespondAsync(request, response));
        await MonthRound.Any.Array[Rounds].SampleAsync(
            async rounds =>
            {
                var month = await MonthOfProject.BeginAsync(edges, script, isRedisLost);
                foreach (var round in rounds)
                {
                    await month.RunAsync(round);
                }

                await month.EndAsync();
            },
            output.WriteLine,
            iter: Months,
            threads: 1);
    }

    public sealed class Edges : TwoEdges
    {
        protected override IEnumerable<string> Settings => ["RateLimiting:RedisTimeout=00:00:01"];
    }
}
