using Cencori.Edge.Bodies;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Records;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Exchanges;

/// <summary>Creates the <see cref="ResponseMeter"/> of an attempt to send a request to a provider.</summary>
public sealed class AttemptMeters(Prices prices, IOptions<UsageOptions> options, TimeProvider time)
{
    private readonly bool _isOn = options.Value.Metering;

    /// <summary>The usage to reserve for a request until its response is metered: the estimated input, and the maximum output.</summary>
    public static TokenUsage ReservedUsageOf(RequestContent content) =>
        new(content.InputTokens, 0, content.OutputTokens, IsEstimated: true) { ServiceTier = content.ServiceTier };

    /// <returns>The usage to reserve. Null: the endpoint is not metered, or it stores files.</returns>
    public static TokenUsage? ReservedUsageOf(RequestContent content, EdgeEndpoint endpoint) => endpoint is { IsMetered: true, StoresFiles: false } ? ReservedUsageOf(content) : null;

    /// <summary>Creates a meter for a response that shows the state of earlier background work. The meter only reads how the work ended; it reserves nothing.</summary>
    /// <returns>Null if metering is off.</returns>
    public ResponseMeter? CreateStatusMeter() => _isOn ? new ResponseMeter(default, UsageBounds.None, followsWork: true) : null;

    /// <returns>Null if metering is off.</returns>
    public ResponseMeter? Create(ProjectSnapshot project, string provider, string? model, RequestContent content, bool followsWork, bool isIdAll = false)
    {
        if (!_isOn)
        {
            return null;
        }

        // The prices at the time of sending apply, however long the request takes.
        var at = time.GetUtcNow();
        return new ResponseMeter(
            ReservedUsageOf(content),
            new UsageBounds(content.MostInputTokens, content.MostOutputTokens),
            usage => prices.Cost(project, provider, model, usage, at),
            followsWork,
            isIdAll);
    }
}
