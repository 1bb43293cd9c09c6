using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Stores turns (a question with its answer) in a memory, in the background. Not durable: when the queue is full, turns are dropped and counted.</summary>
internal sealed partial class TurnWriter : BackgroundWriter
{
    public const string DroppedName = "cencori.edge.memory.turns.dropped";

    // Maximum number of queued turns. Each turn has up to 10,240 characters, so the queue holds at most 10 MiB.
    private const int Capacity = 512;

    // Number of turns that are stored at the same time. Storing mostly waits for the embedding.
    private const int MaxConcurrent = 4;

    // Maximum time for storing the remaining turns when the edge stops.
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(5);

    private readonly Channel<StoredTurn> _channel = Channel.CreateBounded<StoredTurn>(new BoundedChannelOptions(Capacity));
    private readonly IMemoryRecall _memory;
    private readonly TimeProvider _time;
    private readonly ILogger<TurnWriter> _logger;
    private readonly ThrottledWarning _warning;
    private readonly Counter<long> _dropped;

    public TurnWriter(IMemoryRecall memory, IMeterFactory meters, TimeProvider time, ILogger<TurnWriter> logger)
    {
        (_memory, _time, _logger, _warning) = (memory, time, logger, new(time));
        _dropped = meters.Create(EdgeTelemetry.MeterName).CreateCounter<long>(DroppedName, "{turn}", "Questions and answers that could not be stored in a memory and were dropped.");
    }

    /// <summary>Queues a turn for storing. Never waits and never throws.</summary>
    public void Write(StoredTurn turn)
    {
        if (!_channel.Writer.TryWrite(turn))
        {
            Drop(1, "the queue is full, because chats end faster than their questions and answers can be stored");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = stoppingToken.Register(() => _channel.Writer.TryComplete());
        var working = Task.WhenAll(Enumerable.Range(0, MaxConcurrent).Select(_ => WorkAsync()));
        await Task.WhenAny(working, Task.Delay(Timeout.InfiniteTimeSpan, _time, stoppingToken));
        try
        {
            await working.WaitAsync(WriteTimeout, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            Drop(_channel.Reader.Count, "the edge is stopping");
        }
    }

    private async Task WorkAsync()
    {
        await foreach (var turn in _channel.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                if (await _memory.StoreAsync(turn.Caller, turn.Agent, turn.Namespace, turn.Content) is { } refusal)
                {
                    Drop(1, $"{refusal.Kind.Code} in project {turn.Caller.Project.Id}");
                }
            }
            catch (Exception exception)
            {
                _dropped.Add(1);
                if (_warning.IsDue())
                {
                    Log.Failed(_logger, exception, turn.Caller.Project.Id);
                }
            }
        }
    }

    private void Drop(int count, string reason)
    {
        _dropped.Add(count);
        if (_warning.IsDue())
        {
            Log.Dropped(_logger, reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(380, LogLevel.Warning, "Questions and answers are not stored in their memory: {Why}. Logged at most once a minute.", EventName = "TurnsDropped")]
        public static partial void Dropped(ILogger logger, string why);

        [LoggerMessage(381, LogLevel.Error, "A question and its answer could not be stored in a memory of project {ProjectId}. Logged at most once a minute.", EventName = "TurnFailed")]
        public static partial void Failed(ILogger logger, Exception exception, string projectId);
    }
}

/// <summary>A turn that waits to be stored.</summary>
internal sealed record StoredTurn(Caller Caller, Agent? Agent, string Namespace, string Content);
