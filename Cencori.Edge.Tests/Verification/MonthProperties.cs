using System.Globalization;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;
using CsCheck;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Verification;

/// <summary>
/// A month with random events: requests of several kinds with every ending, changes of prices and budgets, a flushed or killed Redis,
/// a locked database. While Redis works, spend never exceeds the budget, and in the end all sums agree.
/// </summary>
/// <remarks>
/// After Redis has lost its data, a budget may count more than was spent, but never less. What edges remember of running work, and
/// what they have not reported yet, may also be in the records, and so may count twice.
/// </remarks>
[Trait(Quiet.Trait, "A call to Redis may take a second.")]
[Trait(SlowestTests.Trait, "After Redis has lost its data, edges read the records again after 5 s.")]
public sealed class MonthProperties(MonthProperties.Edges edges, ITestOutputHelper output) : IClassFixture<MonthProperties.Edges>
{
    /// <summary>Number of months. Set <c>CsCheck_Seed</c> to the seed of a failed month to repeat it.</summary>
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
