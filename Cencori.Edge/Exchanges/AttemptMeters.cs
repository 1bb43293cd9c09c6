using Cencori.Edge.Bodies;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Metering;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Records;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Exchanges;

/// <summary>Makes the meters of attempts.</summary>
public sealed class AttemptMeters(Prices prices, IOptions<UsageOptions> options, TimeProvider time)
{
    private readonly bool _isOn = options.Value.Metering;

    /// <summary>What a request is taken for until its response is there: its input, and the most that its response may have.</summary>
    public static TokenUsage SetAsideOf(RequestContent content) =>
        new(content.InputTokens, 0, content.OutputTokens, IsEstimated: true) { ServiceTier = content.ServiceTier };

    /// <returns>Null: it is nothing that is paid for.</returns>
    public static TokenUsage? SetAsideOf(RequestContent content, EdgeEndpoint endpoint) => endpoint is { IsMetered: true, StoresFiles: false } ? SetAsideOf(content) : null;

    /// <summary>One that looks how other work has ended, whoever pays for it.</summary>
    /// <returns>Null where nothing is metered.</returns>
    public ResponseMeter? CreateLook() => _isOn ? new ResponseMeter(default, UsageBounds.None, followsWork: true) : null;

    /// <returns>Null where nothing is metered.</returns>
    public ResponseMeter? Create(ProjectSnapshot project, string provider, string? model, RequestContent content, bool followsWork, bool isIdAll = false)
    {
        if (!_isOn)
        {
            return null;
        }

        // Prices are those of the moment at which the request is sent, however long it takes.
        var at = time.GetUtcNow();
        return new ResponseMeter(
            SetAsideOf(content),
            new UsageBounds(content.MostInputTokens, content.MostOutputTokens),
            usage => prices.Cost(project, provider, model, usage, at),
            followsWork,
            isIdAll);
    }
}
