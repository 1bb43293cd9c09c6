using System.Net;

namespace Cencori.Edge.Telemetry;

/// <summary>Where Prometheus can scrape metrics. Section <c>Telemetry:Prometheus</c>. Off by default, so that nobody publishes metrics by accident.</summary>
public sealed class PrometheusOptions
{
    public const string Section = "Telemetry:Prometheus";

    public const string Path = "/metrics";

    /// <summary>Serves <see cref="Path"/> on the edge's own addresses, without a key. Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>A port that serves only metrics. With it, the edge's own addresses serve none. Default null: no such port.</summary>
    public int? Port { get; set; }

    /// <summary>The IP address on which <see cref="Port"/> listens. Default <c>127.0.0.1</c>.</summary>
    public string Address { get; set; } = "127.0.0.1";

    internal bool IsValid => Port is null or (>= 1 and <= 65_535) && IPAddress.TryParse(Address, out _);
}
