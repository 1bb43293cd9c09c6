using Cencori.Edge.Errors;
using Cencori.Edge.Metering;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>A budget that refuses models without a price, and a model that has a price per image but none for its tokens.</summary>
public sealed class PartlyPricedTests : IAsyncDisposable
{
    private readonly LedgerOfOneEdge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Theory]
    [InlineData(1, 0, true, 0)]
    [InlineData(1, 1, false, 0)]
    [InlineData(0, 0, true, 3)]
    public async Task Only_output_of_unknown_cost_is_refused(int input, int output, bool isAdmitted, int images)
    {
        var budgeted = LedgerOfOneEdge.CallerWith(isEnforced: true, refuses: true, ("", 10));
        var caller = budgeted with { Project = budgeted.Project with { Prices = new([new() { Provider = "openai", Model = "gpt-image", PerImage = 2 }]) } };
        var context = _edge.Context();
        using var reservation = await _edge.Ledger.TryReserveAsync(context, caller, "openai", "gpt-image", new TokenUsage(input, 0, output, IsEstimated: true, images));
        Assert.Equal(isAdmitted ? null : "model", context.GetRefusal()?.Param);
        Assert.Equal(isAdmitted ? 2 * images : (decimal?)null, reservation?.Usd);
    }
}
