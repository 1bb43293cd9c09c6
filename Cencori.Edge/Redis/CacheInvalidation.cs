using System.Collections.Concurrent;
using System.Threading.Channels;
using StackExchange.Redis;

namespace Cencori.Edge.Redis;

/// <summary>
/// Tells every edge on the same Redis what has changed in the database, so that none serves a cached row for longer than a
/// moment. Without Redis it tells nobody.
/// </summary>
/// <remarks>
/// A message may be lost, and whoever caches must read again by itself now and then. Whoever may have missed some is told to
/// distrust everything. What cannot be published now is published when Redis is back.
/// </remarks>
public sealed class CacheInvalidation(TimeProvider time, RedisConnection? redis = null) : BackgroundService
{
    /// <summary>How long whoever has changed something waits for Redis.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(250);

    private const int MaxPending = 10_000;

    private static readonly RedisChannel ChangesChannel = RedisChannel.Literal("cencori:changes");

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, Subscription> _subscriptions = new();
    private readonly string _self = Guid.NewGuid().ToString("N");

    // Beyond the bound the oldest goes; those it would have reached re-read within a minute.
    private readonly Channel<string> _pending = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxPending) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <param name="subject">What the announced id names.</param>
    /// <param name="changed">Called with the id, on any thread, for changes that other edges have made.</param>
    /// <param name="missed">Called when changes may have been missed.</param>
    public void Subscribe(string subject, Action<string> changed, Action missed) => _subscriptions[subject] = new(changed, missed);

    /// <summary>
    /// To be called after the change is committed, and before anybody is told that it is. Takes no longer than
    /// <see cref="Timeout"/>; who could not be told then is told as soon as possible.
    /// </summary>
    /// <param name="subject">What the id names.</param>
    /// <param name="id">Without blanks.</param>
    /// <param name="isPassing">It is soon of no use: who cannot be told now is not told later.</param>
    public async Task PublishAsync(string subject, string id, bool isPassing = false)
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
            if (!isPassing)
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

    // A command that the operator has switched off in the setting is none of its exceptions' common ancestor.
    internal static bool IsOfRedis(Exception exception) => exception is RedisException or RedisCommandException or TimeoutException;

    private async Task SubscribeAsync(RedisConnection connection, CancellationToken stoppingToken)
    {
        await RepeatAsync(() => connection.Subscriber.SubscribeAsync(ChangesChannel, (_, message) => Receive(message)), stoppingToken);

        // The edge may have answered from its database while nobody listened.
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
            // The subscription has been sent again and perhaps not arrived; what is read before it has could be out of date at once.
            await redis!.Subscriber.PingAsync();
        }
        catch (Exception exception) when (IsOfRedis(exception))
        {
            // Lost once more: this comes again. What may have been missed so far is missed all the same.
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
}
