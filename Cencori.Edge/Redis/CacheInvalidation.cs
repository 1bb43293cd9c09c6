using System.Collections.Concurrent;
using System.Threading.Channels;
using Cencori.Edge.Telemetry;
using StackExchange.Redis;

namespace Cencori.Edge.Redis;

/// <summary>
/// Announces changes of the database to every edge on the same Redis, so that no edge serves a stale cache entry for longer
/// than a moment. Does nothing without Redis.
/// </summary>
/// <remarks>
/// A message may be lost, so every cache must also refresh its entries periodically. After a possible loss, subscribers are told to
/// treat all entries as stale. Messages that cannot be published now are published when Redis is back.
/// </remarks>
public sealed partial class CacheInvalidation(TimeProvider time, RedisConnection? redis = null, ILogger<CacheInvalidation>? logger = null) : BackgroundService
{
    /// <summary>How long <see cref="PublishAsync"/> waits for Redis.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(250);

    private const int MaxPending = 10_000;

    private const string ChannelName = "cencori:changes";

    private static readonly RedisChannel ChangesChannel = RedisChannel.Literal(ChannelName);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, Subscription> _subscriptions = new();
    private readonly ThrottledWarning _refused = new(time);
    private readonly string _self = Guid.NewGuid().ToString("N");

    // Messages to publish when Redis is back. When the queue is full, the oldest message is dropped: other edges refresh those entries within a minute anyway.
    private readonly Channel<string> _pending = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxPending) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <param name="subject">The kind of the changed objects.</param>
    /// <param name="changed">Called on any thread with the id of an object that another edge has changed.</param>
    /// <param name="missed">Called when changes may have been missed.</param>
    public void Subscribe(string subject, Action<string> changed, Action missed) => _subscriptions[subject] = new(changed, missed);

    /// <summary>
    /// Announces a change. Call it after the commit, and before the success is reported to the caller. Takes at most
    /// <see cref="Timeout"/>; if Redis fails, the message is published as soon as possible.
    /// </summary>
    /// <param name="subject">The kind of the changed objects.</param>
    /// <param name="id">The id, without spaces.</param>
    /// <param name="isTransient">Whether the message expires soon: if it cannot be sent now, it is dropped.</param>
    public async Task PublishAsync(string subject, string id, bool isTransient = false)
    {
        if (redis is null)
        {
            return;
        }

        var message = $"{_self} {subject} {id}";
        try
        {
            await redis.Subscriber.PublishAsync(ChangesChannel, message).WaitAsync(Timeout, time);
        }
        catch (Exception exception) when (IsOfRedis(exception))
        {
            if (!isTransient)
            {
                _pending.Writer.TryWrite(message);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (redis is null)
        {
            return;
        }

        redis.Restored += Resynchronize;
        try
        {
            await SubscribeAsync(redis, stoppingToken);
            await foreach (var message in _pending.Reader.ReadAllAsync(stoppingToken))
            {
                await RepeatAsync(() => redis.Subscriber.PublishAsync(ChangesChannel, message), stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The edge stops.
        }
        finally
        {
            redis.Restored -= Resynchronize;
        }
    }

    // StackExchange.Redis throws RedisCommandException, which is no RedisException, for commands that the operator has disabled.
    internal static bool IsOfRedis(Exception exception) => exception is RedisException or RedisCommandException or TimeoutException;

    private async Task SubscribeAsync(RedisConnection connection, CancellationToken stoppingToken)
    {
        await RepeatAsync(() => connection.Subscriber.SubscribeAsync(ChangesChannel, (_, message) => Receive(message)), stoppingToken);

        // The edge may have filled its caches before the subscription was active.
        NotifyMissed();
    }

    private async Task RepeatAsync(Func<Task> act, CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await act();
                return;
            }
            catch (Exception exception) when (IsOfRedis(exception))
            {
                // An outage is noticed elsewhere. A Redis that works, but refuses this, would never be noticed.
                if (exception is RedisServerException or RedisCommandException && logger is not null && _refused.IsDue())
                {
                    Log.Refused(logger, ChannelName, exception is RedisServerException ? RedisAvailability.Reason(exception) : "a disabled command");
                }

                await Task.Delay(RetryInterval, time, stoppingToken);
            }
        }
    }

    private void Receive(string? message)
    {
        if (message?.Split(' ') is [var sender, var subject, var id] && sender != _self && _subscriptions.TryGetValue(subject, out var subscription))
        {
            subscription.Changed(id);
        }
    }

    private void Resynchronize() => _ = ResynchronizeAsync();

    private async Task ResynchronizeAsync()
    {
        try
        {
            // The client has sent the subscription again, but Redis may not have it yet. Before Redis has it, this edge gets no messages.
            await redis!.Subscriber.PingAsync();
        }
        catch (Exception exception) when (IsOfRedis(exception))
        {
            // The connection is lost again, and this method runs again later. Messages may have been missed in any case.
        }

        NotifyMissed();
    }

    private void NotifyMissed()
    {
        foreach (var subscription in _subscriptions.Values)
        {
            subscription.Missed();
        }
    }

    private sealed record Subscription(Action<string> Changed, Action Missed);

    private static partial class Log
    {
        [LoggerMessage(410, LogLevel.Warning, "Redis refuses the channel {Channel} ({Fault}). Changes reach other edges late, until Redis permits SUBSCRIBE and PUBLISH there.", EventName = "ChangesRefused")]
        public static partial void Refused(ILogger logger, string channel, string fault);
    }
}
