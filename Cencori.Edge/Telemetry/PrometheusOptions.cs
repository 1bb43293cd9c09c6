using System.Net;

namespace Cencori.Edge.Telemetry;

/// <summary>Where Prometheus scrapes metrics. Section <c>Telemetry:Prometheus</c>. Off by default, so that nobody publishes metrics by accident.</summary>
public sealed class PrometheusOptions
{
    public const string Section = "Telemetry:Prometheus";

    public const string Path = "/metrics";

    /// <summary>Serves <see cref="Path"/> on the edge's own addresses, without a key. Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>Serves metrics on this port instead, and nothing else there. Default null: no such port.</summary>
    public int? Port { get; set; }

    /// <summary>The address of <see cref="Port"/>. Default <c>127.0.0.1</c>.</summary>
    public string Address { get; set; } = "127.0.0.1";

    internal bool IsValid => Port is null or (>= 1 and <= 65_535) && IPAddress.TryParse(Address, out _);
}
