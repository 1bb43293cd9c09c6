using Cencori.Edge.Policies;

namespace Cencori.Edge.Tests.Policies;

/// <summary>No request is refused in a project whose rules only monitor.</summary>
public sealed class CountOnlyTests
{
    [Theory]
    [InlineData(PolicyAction.Monitor, false)]
    [InlineData(PolicyAction.Mask, true)]
    public void The_automatic_rule_does_not_refuse_content_that_cannot_be_scanned(PolicyAction action, bool enforces)
    {
        var set = PolicySet.Of(new() { Rules = [new() { Name = "m", Kind = PolicyKind.Email, Action = action }] }, 1)!;
        Assert.Equal(enforces, set.EnforcesInput);
        Assert.Contains(set.Input, rule => rule is { Kind: PolicyKind.OwnKey, Action: PolicyAction.Mask });
    }

    [Fact]
    public void An_own_rule_for_keys_of_the_edge_counts_as_enforcing() =>
        Assert.True(PolicySet.Of(new() { Rules = [new() { Name = "k", Kind = PolicyKind.OwnKey, Action = PolicyAction.Mask }] }, 1)!.EnforcesInput);
}
