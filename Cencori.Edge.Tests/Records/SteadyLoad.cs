using System.Collections.Concurrent;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Records;

/// <summary>Sends 200 chats a second with unique ids to edges in turn. Edges may be down for a while.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private static readonly TimeSpan BetweenRequests = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, long> _completed = [];
    private readonly HttpClient[] _edges;
    private readonly Task _sending;

    public SteadyLoad(string key, params IEnumerable<Uri> edges)
    {
        _edges = [.. edges.Select(edge => new HttpClient { BaseAddress = edge })];
        foreach (var edge in _edges)
        {
            edge.DefaultRequestHeaders.Authorization = new("Bearer", key);
        }

        _sending = SendSteadilyAsync();
    }

    /// <summary>Waits for this many more responses.</summary>
    public async Task WaitForResponsesAsync(int count)
    {
        var target = _completed.Count + count;
        await Eventually.IsTrueAsync(() => _completed.Count >= target);
    }

    /// <summary>Stops sending, and waits for running requests.</summary>
    /// <returns>The ids of the requests that succeeded completely, and their completion timestamps.</returns>
    public async Task<IReadOnlyDictionary<string, long>> StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        return _completed;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        Array.ForEach(_edges, edge => edge.Dispose());
    }

    private async Task SendSteadilyAsync()
    {
        var sent = new List<Task>();
        using var timer = new PeriodicTimer(BetweenRequests, TimeProvider.System);
        while (!_stop.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            sent.Add(ChatAsync(_edges[sent.Count % _edges.Length], $"load-{sent.Count}"));
        }

        await Task.WhenAll(sent);
    }

    private async Task ChatAsync(HttpClient edge, string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = RunningEdge.Json(ScriptedEdge.Chat) };
        request.Headers.Add("X-Request-Id", id);
        try
        {
            using var response = await edge.SendAsync(request);
            if (response.IsSuccessStatusCode)
            {
                _completed[id] = TimeProvider.System.GetTimestamp();
            }
        }
        catch (HttpRequestException)
        {
            // The edge is down, so no response was sent.
        }
    }
}
