using System.Net;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace Cencori.Edge.Telemetry;

/// <summary>
/// A small separate server for metrics. Its port serves only metrics, and no other port serves metrics.
/// This server starts before the edge's own server and stops after it.
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

    // Does nothing. A host's default lifetime would handle the signals of the whole process, which is the task of the edge's own host.
    private sealed class LifetimeOfTheEdge : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
