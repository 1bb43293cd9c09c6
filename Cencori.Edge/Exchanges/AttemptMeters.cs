using Cencori.Edge.Bodies;
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

    /// <returns>Null where nothing is metered.</returns>
    public AnswerMeter? Create(ProjectSnapshot project, string provider, string? model, RequestContent content)
    {
        if (!_isOn)
        {
            return null;
        }

        // Prices are those of the moment at which the request is sent, however long it takes.
        var at = time.GetUtcNow();
        return new AnswerMeter(
            new TokenUsage(content.InputTokens, 0, content.OutputTokens, IsEstimated: true),
            new UsageBounds(content.MostInputTokens, content.MostOutputTokens),
            usage => prices.Cost(project, provider, model, BilledUsage.Of(usage), at));
    }
}
