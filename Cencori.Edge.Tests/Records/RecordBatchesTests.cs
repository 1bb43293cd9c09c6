using System.Diagnostics.Metrics;
using Cencori.Edge.Records;
using Cencori.Edge.Telemetry;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Cencori.Edge.Tests.Records;

/// <summary>How many transactions a load of records takes. Runs alone, because a slow batch would go to the spool.</summary>
[Collection(nameof(Alone))]
public sealed class RecordBatchesTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task A_steady_load_of_records_is_stored_in_batches(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;

        // The first batch opens connections and compiles code, and may exceed the timeout of the writer.
        edge.Records().Write(Some.Record());
        await edge.Records().FlushAsync();
        await Eventually.IsTrueAsync(async () => (await edge.RowsAsync()).Count == 1);

        using var batches = new MetricCollector<long>(edge.Services.GetRequiredService<IMeterFactory>(), EdgeTelemetry.MeterName, RecordMeters.WrittenName);
        var began = TimeProvider.System.GetTimestamp();
        var written = 0;
        while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(2))
        {
            for (var number = 0; number < 5; number++, written++)
            {
                edge.Records().Write(Some.Record());
            }

            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(1), "Records arrive one after another, as with real requests.");
        }

        await edge.Records().FlushAsync();

        var stored = batches.GetMeasurementSnapshot();
        Assert.Equal(written, stored.Sum(batch => batch.Value));
        Assert.InRange(stored.Count, 1, 2 + (int)(TimeProvider.System.GetElapsedTime(began) / RecordWriter.BatchInterval));
    }
}
