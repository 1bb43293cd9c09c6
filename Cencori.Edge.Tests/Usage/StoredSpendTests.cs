using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Usage;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Usage;

public sealed class StoredSpendTests
{
    private static readonly DateTimeOffset Month = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory, OnSqlite, OnPostgres]
    public async Task Spend_of_a_month_is_the_sum_of_its_records_for_the_project_and_for_each_key(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var history = edge.Services.GetRequiredService<ISpendHistory>();
        Assert.Equal(0, await history.SpentAsync("prj_1", null, Month));
        Assert.Equal(0, await history.SpentAsync("prj_1", "key_1", Month));

        edge.Records().Write(Some.Record(at: Month.AddSeconds(-1), cost: 1_000));
        edge.Records().Write(Some.Record(at: Month, cost: 1.25m));
        edge.Records().Write(Some.Record(at: Month.AddDays(3), cost: 0.000_000_000_001m, environment: KeyEnvironment.Test));
        edge.Records().Write(Some.Record(at: Month.AddDays(3), cost: null));
        edge.Records().Write(Some.Record("prj_2", at: Month.AddDays(3), cost: 7));
        await edge.Records().FlushAsync();

        Assert.Equal(1.250_000_000_001m, await history.SpentAsync("prj_1", null, Month));
        Assert.Equal(1.250_000_000_001m, await history.SpentAsync("prj_1", "key_1", Month));
        Assert.Equal(0, await history.SpentAsync("prj_1", "key_2", Month));
        Assert.Equal(7, await history.SpentAsync("prj_2", null, Month));
    }
}
