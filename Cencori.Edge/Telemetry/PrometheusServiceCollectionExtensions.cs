using OpenTelemetry.Metrics;

namespace Cencori.Edge.Telemetry;

public static class PrometheusServiceCollectionExtensions
{
    /// <returns>True when the settings enable Prometheus.</returns>
    internal static bool AddPrometheus(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(PrometheusOptions.Section);
        services.AddOptions<PrometheusOptions>()
            .Bind(section)
            .Validate(options => options.IsValid, $"{PrometheusOptions.Section}:{nameof(PrometheusOptions.Port)} must be 1 to 65535, and {PrometheusOptions.Section}:{nameof(PrometheusOptions.Address)} an IP address.")
            .ValidateOnStart();
        var requested = section.Get<PrometheusOptions>();
        if (requested is not ({ Enabled: true } or { Port: not null }))
        {
            return false;
        }

        services.ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddPrometheusExporter());
        services.AddHostedService<PrometheusListener>();
        return true;
    }

    /// <summary>Serves metrics on the edge's own addresses if the settings enable this.</summary>
    public static void UsePrometheus(this WebApplication app)
    {
        if (app.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<PrometheusOptions>>().Value is { Enabled: true, Port: null })
        {
            app.UseOpenTelemetryPrometheusScrapingEndpoint(PrometheusOptions.Path);
        }
    }
}
