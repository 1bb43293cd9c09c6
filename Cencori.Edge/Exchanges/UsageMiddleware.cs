using System.Collections.Concurrent;
using System.Diagnostics;
using Cencori.Edge.Keys;
using Cencori.Edge.Metering;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Yarp.ReverseProxy.Model;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// The outermost middleware: when everything about a request is over, however it ended, exactly one record is made of it.
/// Requests without a valid key have no project that could be told, and what the edge answers itself is no use of a model.
/// </summary>
public sealed class UsageMiddleware(RequestDelegate next, RecordWriter records, PayloadWriter payloads, UsageMetrics metrics, TimeProvider time)
{
    private const string CatchAll = "{**";

    private readonly ConcurrentDictionary<(string Method, string Route), string> _doors = new();

    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);

        if (context.Features.Get<Caller>() is { } caller && context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>() is { Config.Match.Path: { } route })
        {
            var record = RequestObservation.Record(context, caller, Door(context.Request.Method, route), time);
            if (context.Features.Get<AnswerMeter>() is { } meter)
            {
                Complete(record, meter);
            }

            metrics.Record(record);
            UsageSpans.Finish(Activity.Current, record);

            // Before the record, so that whoever finds that one can wait for this one.
            if (caller.Project.LogsPayloads && context.Features.Get<ProviderCall>()?.Payload is { } payload)
            {
                payloads.Write(record, payload);
            }

            records.Write(record);
        }
    }

    // Text has to be counted only where an answer broke off, and then holds nobody but the connection that broke.
    private static void Complete(RequestRecord record, AnswerMeter meter)
    {
        var usage = meter.Finish();
        record.PromptTokens = usage.PromptTokens;
        record.CachedTokens = usage.CachedTokens;
        record.CompletionTokens = usage.CompletionTokens;
        record.IsEstimated = usage.IsEstimated;
        record.CostUsd = record.Status >= StatusCodes.Status400BadRequest ? 0 : meter.Cost(usage);
    }

    // Routes have few methods each, so that there are few doors.
    private string Door(string method, string route) => _doors.GetOrAdd((method, route), static door =>
    {
        var (method, route) = door;
        var rest = route.IndexOf(CatchAll, StringComparison.Ordinal);
        return $"{method} {(rest < 0 ? route : route[..rest] + "*")}";
    });
}
