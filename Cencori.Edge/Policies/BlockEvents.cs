using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Cencori.Edge.Egress;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Policies;

/// <summary>
/// Sends block events to the webhooks of projects, outside of the request path. Each project sends one event at a time, so a slow receiver delays only
/// its own project. Events are dropped and counted if the queue has no room, or if they are still queued shortly after the edge begins to stop.
/// </summary>
public sealed partial class BlockEvents : BackgroundWriter
{
    public const string DeliveriesName = "cencori.edge.policy.webhooks";

    /// <summary>Maximum number of waiting events of all projects together.</summary>
    internal const int MaxWaiting = 1_000;

    private const int MaxAtOnce = 32;

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly Channel<BlockQueue> _unserved = Channel.CreateUnbounded<BlockQueue>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<string, BlockQueue> _queues = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turns = new(MaxAtOnce);
    private readonly CancellationTokenSource _end = new();
    private readonly SignedWebhook _webhook;
    private readonly TimeProvider _time;
    private readonly ILogger<BlockEvents> _logger;
    private readonly ThrottledWarnings _failed;
    private readonly ThrottledWarnings _dropped;
    private readonly Counter<long> _deliveries;
    private int _waiting;

    public BlockEvents(SignedWebhook webhook, IMeterFactory meters, TimeProvider time, ILogger<BlockEvents> logger)
    {
        (_webhook, _time, _logger, _failed, _dropped) = (webhook, time, logger, new(time), new(time));
        _deliveries = meters.Create(EdgeTelemetry.MeterName).CreateCounter<long>(DeliveriesName, "{event}", "Webhook events about blocked requests, by outcome: delivered, failed, or dropped without being sent.");
    }

    /// <summary>Queues an event. Never waits and never throws.</summary>
    public void Write(PolicyWebhook webhook, BlockEvent block)
    {
        var queue = _queues.GetOrAdd(block.ProjectId, static (project, time) => new(project, time), _time);
        if (!queue.TryTakeTurn())
        {
            return;
        }

        if (Interlocked.Increment(ref _waiting) > MaxWaiting || !queue.TryAdd(webhook, block, out var isFirst))
        {
            Drop(queue, "the queue is full");
        }
        else if (isFirst && !_unserved.Writer.TryWrite(queue))
        {
            DropAll(queue);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _turns.Dispose();
        _end.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = stoppingToken.Register(() =>
        {
            _unserved.Writer.TryComplete();
            _end.CancelAfter(Farewell);
        });
        var serving = new List<Task>();
        await foreach (var queue in _unserved.Reader.ReadAllAsync(CancellationToken.None))
        {
            serving.RemoveAll(static one => one.IsCompleted);
            serving.Add(ServeAsync(queue, stoppingToken));
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(BlockQueue queue, CancellationToken stopping)
    {
        while (!_end.IsCancellationRequested && queue.TryTake(out var next))
        {
            await _turns.WaitAsync(CancellationToken.None);
            try
            {
                await SendAsync(queue, next.Webhook, next.Block, stopping.IsCancellationRequested ? 1 : SignedWebhook.DefaultTries);
            }
            finally
            {
                _turns.Release();
                Interlocked.Decrement(ref _waiting);
            }
        }

        if (_end.IsCancellationRequested)
        {
            DropAll(queue);
        }
    }

    private async Task SendAsync(BlockQueue queue, PolicyWebhook webhook, BlockEvent block, int tries)
    {
        var suppressed = queue.TakeSuppressed();
        string? fault;
        try
        {
            fault = (await webhook.SendAsync(_webhook, block with { Suppressed = suppressed }, tries, _end.Token)).Fault;
        }
        catch (Exception exception)
        {
            // Catches every exception, so that the loop continues with the next event.
            fault = $"Sending failed ({exception.GetType().Name}).";
        }

        _deliveries.Add(1, new KeyValuePair<string, object?>("outcome", fault is null ? "delivered" : "failed"));
        if (fault is null)
        {
            return;
        }

        queue.Suppress(suppressed + 1);
        if (_failed.IsDue(queue.ProjectId))
        {
            Log.NotDelivered(_logger, queue.ProjectId, webhook.Url.GetLeftPart(UriPartial.Authority), fault);
        }
    }

    private void DropAll(BlockQueue queue)
    {
        while (queue.TryTake(out _))
        {
            Drop(queue, "the edge is stopping");
        }
    }

    private void Drop(BlockQueue queue, string reason)
    {
        Interlocked.Decrement(ref _waiting);
        queue.Suppress(1);
        _deliveries.Add(1, new KeyValuePair<string, object?>("outcome", "dropped"));
        if (_dropped.IsDue(queue.ProjectId))
        {
            Log.Dropped(_logger, queue.ProjectId, reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(350, LogLevel.Warning, "Project {ProjectId}: the webhook at {Server} did not accept an event about a blocked request. {Fault} Logged at most once a minute.", EventName = "BlockEventNotDelivered")]
        public static partial void NotDelivered(ILogger logger, string projectId, string server, string fault);

        [LoggerMessage(351, LogLevel.Warning, "Project {ProjectId}: a webhook event about a blocked request was dropped, because {Why}. Logged at most once a minute.", EventName = "BlockEventDropped")]
        public static partial void Dropped(ILogger logger, string projectId, string why);
    }
}
