using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Hostile;

/// <summary>Honest callers beside all attackers at once: no response is a 500, memory and log stay bounded, and honest callers are hardly slowed.</summary>
/// <remarks>Response times are asserted only in long runs: in a run of a few seconds on a busy machine they are meaningless.</remarks>
[Collection(nameof(Alone))]
[Trait(SlowestTests.Trait, "A soak test runs for seconds.")]
public sealed class HostileSoakTests(ITestOutputHelper output)
{
    /// <summary>The environment variable with the duration of the attacks, in minutes.</summary>
    private const string Variable = "CENCORI_TEST_SOAK_MINUTES";

    private const int LogBound = 1_000_000;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Length = TimeSpan.FromMinutes(
        double.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var minutes) ? minutes : 0.07);

    private static readonly bool IsLong = Length > TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<(string Name, string Response), int> _responses = new();

    [Fact]
    public async Task Honest_callers_are_hardly_slowed_by_hostile_ones()
    {
        await using var edge = await SoakEdge.StartAsync();
        using var stop = new CancellationTokenSource();
        var heldLock = await HonestAsync(edge, Length / 10 > Shortest ? Length / 10 : Shortest, stop.Token);
        var hostile = HostileInputs.All.Select(input => RepeatAsync(edge, input.Name, input.Pause, input.DoAsync, stop.Token)).ToList();
        var warm = await HonestAsync(edge, Length / 4, stop.Token);
        var early = edge.WorkingSet;
        var beside = await HonestAsync(edge, Length * 3 / 4, stop.Token);
        var late = edge.WorkingSet;
        await stop.CancelAsync();
        await Task.WhenAll(hostile);
        await edge.AssertLedgerClosesAsync();

        Report(edge, heldLock, [.. warm, .. beside], early, late);
        Assert.DoesNotContain(_responses, response => response.Key.Response == "500");
        Assert.DoesNotContain("Unhandled exception", edge.Log, StringComparison.Ordinal);
        Assert.True(edge.LogBytes <= LogBound, $"The log has {edge.LogBytes:N0} bytes.");
        Assert.All(HostileInputs.All, input => Assert.Contains(_responses.Keys, key => key.Name == input.Name));
        Assert.True(late < 1.25 * early + 64_000_000, $"The working set grew from {early:N0} to {late:N0} bytes.");
        if (IsLong)
        {
            Assert.True(Percentile(beside, 0.99) <= 2 * Percentile(heldLock, 0.99), "Honest callers waited more than twice as long.");
        }
    }

    /// <returns>The duration of each response in milliseconds. All responses were successful.</returns>
    private static async Task<List<double>> HonestAsync(SoakEdge edge, TimeSpan length, CancellationToken stop)
    {
        var responses = new List<Task<double>>();
        var started = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(40), TimeProvider.System);
        while (TimeProvider.System.GetElapsedTime(started) < length)
        {
            await timer.WaitForNextTickAsync(stop);
            responses.Add(SendAsync(edge, stream: responses.Count % 2 == 0));
        }

        return [.. await Task.WhenAll(responses)];
    }

    private static async Task<double> SendAsync(SoakEdge edge, bool stream)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = RunningEdge.Json(new { model = "gpt-4o", stream, messages = new[] { new { role = "user", content = "Hello!" } } }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", edge.HonestKey);
        using var response = await edge.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Contains(stream ? "data: [DONE]\n\n" : "\"chat.completion\"", text, StringComparison.Ordinal);
        return TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
    }

    // A broken connection does not fail the test. The name of the exception is recorded instead of a status.
    private async Task RepeatAsync(SoakEdge edge, string name, TimeSpan pause, Func<SoakEdge, int, Task<int>> doAsync, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            string reported;
            try
            {
                reported = (await doAsync(edge, number)).ToString(CultureInfo.InvariantCulture);
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or System.Net.Sockets.SocketException or OperationCanceledException)
            {
                reported = failure.GetType().Name;
            }

            _responses.AddOrUpdate((name, reported), 1, (_, count) => count + 1);
            await RealTime.PassesAsync(pause, "The load is bounded.", CancellationToken.None);
        }
    }

    private void Report(SoakEdge edge, List<double> heldLock, List<double> beside, long early, long late)
    {
        foreach (var input in _responses.GroupBy(response => response.Key.Name).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{input.Key}: {string.Join(", ", input.OrderByDescending(response => response.Value).Select(response => $"{response.Value} x {response.Key.Response}"))}");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"honest, alone: {heldLock.Count} responses, p50 {Percentile(heldLock, 0.5):0.0} ms, p99 {Percentile(heldLock, 0.99):0.0} ms; beside hostile ones: {beside.Count}, p50 {Percentile(beside, 0.5):0.0} ms, p99 {Percentile(beside, 0.99):0.0} ms"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"working set {early / 1e6:0} MB, at the end {late / 1e6:0} MB; log {edge.LogBytes:N0} bytes; {Length.TotalMinutes:0.#} min"));
    }

    private static double Percentile(List<double> values, double part) => values.Order().ElementAt((int)(part * (values.Count - 1)));
}
