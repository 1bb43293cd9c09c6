using System.Diagnostics.Metrics;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Projects;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Memory.Recall;

/// <summary>The queue of questions and answers that are stored in a memory.</summary>
public sealed class TurnWriterTests
{
    [Fact]
    public async Task Turns_beyond_the_queue_are_dropped_and_counted_and_the_rest_is_stored_on_stop()
    {
        var memory = new SlowMemory();
        using var logs = new LogRecorder();
        await using var services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.AddProvider(logs)).AddSingleton(TimeProvider.System)
            .AddSingleton<IMemoryRecall>(memory).AddSingleton<TurnWriter>().BuildServiceProvider();
        var dropped = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (instrument.Name == TurnWriter.DroppedName && instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>())
            {
                all.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref dropped, count));
        listener.Start();
        using var writer = services.GetRequiredService<TurnWriter>();
        await writer.StartAsync(default);
        for (var i = 0; i < 1_000; i++)
        {
            writer.Write(new(null!, null, "notes", $"{i}"));
        }

        Assert.InRange(dropped, 400, 500);
        Assert.Single(logs.Lines, line => line.EventName == "TurnsDropped");
        memory.Goes.SetResult();
        await writer.StopAsync(default);

        Assert.Equal(1_000 - dropped, memory.Stored);
    }

    private sealed class SlowMemory : IMemoryRecall
    {
        private int _stored;

        public TaskCompletionSource Goes { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Stored => _stored;

        public Task<(RecalledMemories? Memories, EdgeError? Error)> RecallAsync(Exchange exchange, string @namespace, string question, int limit, double? threshold, string namespaceParam) =>
            throw new NotSupportedException();

        public async Task<EdgeError?> StoreAsync(Caller caller, Agent? agent, string @namespace, string content)
        {
            await Goes.Task;
            Interlocked.Increment(ref _stored);
            return null;
        }
    }
}
