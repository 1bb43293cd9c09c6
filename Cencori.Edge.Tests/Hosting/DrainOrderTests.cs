using Cencori.Edge.Hosting;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.WebSockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Hosting;

public sealed class DrainOrderTests
{
    [Fact]
    public async Task The_drain_awaits_cut_requests_even_after_a_moment_without_requests()
    {
        var drain = NewDrain(NullLogger<Drain>.Instance, new());
        using var hurry = new CancellationTokenSource();
        var stopping = drain.StoppingAsync(hurry.Token);
        drain.Enter();
        drain.Leave(new DefaultHttpContext());
        drain.Enter();

        await hurry.CancelAsync();
        await RealTime.PassesAsync(TimeSpan.FromMilliseconds(200), "The drain must not end yet. The test gives it time to end.");

        Assert.False(stopping.IsCompleted);
        drain.Leave(new DefaultHttpContext());
        await stopping.WaitAsync(Eventually.Timeout, TimeProvider.System);
    }

    [Fact]
    public async Task A_request_whose_response_was_complete_when_the_edge_cut_is_not_reported_as_cut()
    {
        var (log, server) = (new FakeLogger<Drain>(), new NoServer());
        var drain = NewDrain(log, server);
        using var hurry = new CancellationTokenSource();
        drain.Enter();
        drain.Enter();
        drain.Enter();
        drain.Leave(new DefaultHttpContext { RequestAborted = new CancellationToken(canceled: true) });
        var stopping = drain.StoppingAsync(hurry.Token);

        await hurry.CancelAsync();
        await server.Stopped.WaitAsync(Eventually.Timeout, TimeProvider.System);
        drain.Leave(new DefaultHttpContext());
        drain.Leave(new DefaultHttpContext { RequestAborted = new CancellationToken(canceled: true) });
        await stopping.WaitAsync(Eventually.Timeout, TimeProvider.System);
        Assert.EndsWith("Requests cut: 1.", log.LatestRecord.Message, StringComparison.Ordinal);
    }

    private static Drain NewDrain(ILogger<Drain> logger, NoServer server) =>
        new(server, new Listeners(), new OpenWebSockets(), Options.Create(new DrainOptions { GraceSeconds = 5, TimeoutSeconds = 0 }), new FakeTimeProvider(), logger);

    private sealed class NoServer : IServer
    {
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task Stopped => _stopped.Task;

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _stopped.TrySetResult();
            return Task.CompletedTask;
        }

        public void Dispose()
        {
        }
    }
}
