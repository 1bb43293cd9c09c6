using Cencori.Edge.Keys;
using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// Gives each request that may use tokens its meter, as a feature too. It stands below admission, which settles the limits by it.
/// </summary>
public sealed class MeteringMiddleware(RequestDelegate next, Prices prices, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        // What only reads a stored answer, a batch or a file would tell of usage that somebody else has paid for, at every look.
        return HttpMethods.IsPost(context.Request.Method) && context.Features.Get<ProviderCall>() is { } call
            ? MeterAsync(context, call)
            : next(context);
    }

    private async Task MeterAsync(HttpContext context, ProviderCall call)
    {
        var project = context.Features.Get<Caller>()!.Project;
        var at = time.GetUtcNow();
        var meter = new AnswerMeter(
            call.InputTokens,
            usage => prices.Cost(project, call.Provider.Id, call.Model, BilledUsage.Of(usage), at));
        call.Meter = meter;
        context.Features.Set(meter);
        try
        {
            await next(context);
        }
        finally
        {
            meter.Close();
        }
    }
}
