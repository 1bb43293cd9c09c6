using System.Collections.Concurrent;
using System.Diagnostics;
using Cencori.Edge.Keys;
using Yarp.ReverseProxy.Model;

namespace Cencori.Edge.Usage;

/// <summary>
/// The outermost middleware: when everything about a request is over, however it ended, exactly one record is made of it.
/// Requests without a valid key have no project that could be told, and what the edge answers itself is no use of a model.
/// </summary>
public sealed class UsageMiddleware(RequestDelegate next, RecordWriter records, UsageMetrics metrics, TimeProvider time)
{
    private const string CatchAll = "{**";

    private readonly ConcurrentDictionary<(string Method, string Route), string> _doors = new();

    public async Task InvokeAsync(HttpContext context)
    {
        var startedAt = time.GetTimestamp();
        await next(context);

        if (context.Features.Get<Caller>() is { } caller && context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>() is { Config.Match.Path: { } route })
        {
            var record = RequestObservation.Record(context, caller, Door(context.Request.Method, route), startedAt, time);
            metrics.Record(record);
            UsageSpans.Finish(Activity.Current, record);
            records.Write(record);
        }
    }

    // Routes have few methods each, so that there are few doors.
    private string Door(string method, string route) => _doors.GetOrAdd((method, route), static door =>
    {
        var (method, route) = door;
        var rest = route.IndexOf(CatchAll, StringComparison.Ordinal);
        return $"{method} {(rest < 0 ? route : route[..rest] + "*")}";
    });
}
