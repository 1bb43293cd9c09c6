using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Cencori.Edge.Keys;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Bodies.Buffers;

/// <summary>Limits the body bytes that are buffered at one time: for the whole edge, for each project, and for the publishable keys of each project.</summary>
public sealed class BufferShares
{
    public const string BufferedName = "cencori.edge.bodies.buffered";

    private readonly LimitsOptions _options;
    private readonly BufferShare _all;

    // One entry per project: only an administrator creates projects, so callers cannot make this dictionary grow.
    private readonly ConcurrentDictionary<string, OfProject> _projects = new(StringComparer.Ordinal);

    public BufferShares(IOptions<LimitsOptions> options, IMeterFactory meters)
    {
        _options = options.Value;
        var inAll = AtLeast(_options.BufferedBytes ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        _all = new BufferShare("The edge", inAll);
        PerProject = AtLeast(_options.BufferedBytesPerProject ?? inAll / 2);
        meters.Create(EdgeTelemetry.MeterName).CreateObservableGauge(BufferedName, () => _all.Held, "By", "Bytes of request bodies that the edge buffers.");
    }

    /// <summary>Body bytes that the whole edge buffers now.</summary>
    public long Held => _all.Held;

    private long PerProject { get; }

    public BufferShare Of(Caller caller)
    {
        var project = _projects.GetOrAdd(caller.Project.Id, static (_, shares) => new(shares), this);
        return caller.Key.Type == KeyType.Publishable ? project.Publishable : project.All;
    }

    // One extra byte: the edge detects an oversized body by reading one byte beyond the limit.
    private long AtLeast(long bytes) => Math.Max(bytes, _options.MaxRequestBodyBytes + 1);

    private sealed class OfProject
    {
        public OfProject(BufferShares shares)
        {
            All = new BufferShare("This project", shares.PerProject, shares._all);

            // Visitors of a public page must not use up the buffers of the project's own servers.
            Publishable = new BufferShare("This page's project", Math.Max(shares.PerProject / 2, shares._options.MaxPublishableBodyBytes + 1), All);
        }

        public BufferShare All { get; }

        public BufferShare Publishable { get; }
    }
}
