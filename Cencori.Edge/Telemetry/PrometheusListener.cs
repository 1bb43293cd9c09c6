using System.Net;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace Cencori.Edge.Telemetry;

/// <summary>
/// A small separate server for metrics: its port serves nothing else of the edge, and no other port serves metrics.
/// It starts before the edge and stops after it.
/// </summary>
internal sealed class PrometheusListener(IOptions<PrometheusOptions> options, MeterProvider metrics) : IHostedService, IAsyncDisposable
{
    private WebApplication? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Port is not { } port)
        {
            return;
        }

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(options.Value.Address), port));
        builder.Services.AddSingleton<IHostLifetime, LifetimeOfTheEdge>();
        _server = builder.Build();
        _server.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, predicate: null, path: PrometheusOptions.Path, configureBranchedPipeline: null, optionsName: null);
        try
        {
            await _server.StartAsync(cancellationToken);
        }
        catch (IOException exception)
        {
            throw new OptionsValidationException("", typeof(PrometheusOptions), [$"{PrometheusOptions.Section}:{nameof(PrometheusOptions.Port)}: {exception.Message}"]);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;

    // By default each host handles signals itself, and for the whole process.
    private sealed class LifetimeOfTheEdge : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
