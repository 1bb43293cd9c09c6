using System.Net;

namespace Cencori.Edge.Telemetry;

/// <summary>Where Prometheus finds metrics. Section <c>Telemetry:Prometheus</c>. Off by default: metrics are nobody's business by accident.</summary>
public sealed class PrometheusOptions
{
    public const string Section = "Telemetry:Prometheus";

    public const string Path = "/metrics";

    /// <summary>Serves <see cref="Path"/> to whoever reaches the edge, without a key. Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>Serves it on this port instead, and nothing else there. Default null: no such port.</summary>
    public int? Port { get; set; }

    /// <summary>The address of <see cref="Port"/>. Default <c>127.0.0.1</c>.</summary>
    public string Address { get; set; } = "127.0.0.1";

    internal bool IsValid => Port is null or (>= 1 and <= 65_535) && IPAddress.TryParse(Address, out _);
}
