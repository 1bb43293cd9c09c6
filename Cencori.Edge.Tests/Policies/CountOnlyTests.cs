using Cencori.Edge.Policies;

namespace Cencori.Edge.Tests.Policies;

/// <summary>Who only counts is refused nothing.</summary>
public sealed class CountOnlyTests
{
    [Theory]
    [InlineData(PolicyAction.Monitor, false)]
    [InlineData(PolicyAction.Mask, true)]
    public void The_rule_that_every_project_has_refuses_nothing_that_cannot_be_looked_into(PolicyAction action, bool enforces)
    {
        var set = PolicySet.Of(new() { Rules = [new() { Name = "m", Kind = PolicyKind.Email, Action = action }] }, 1)!;
        Assert.Equal(enforces, set.EnforcesInput);
        Assert.Contains(set.Input, rule => rule is { Kind: PolicyKind.OwnKey, Action: PolicyAction.Mask });
    }

    [Fact]
    public void A_rule_of_ones_own_for_keys_of_the_edge_does_more_than_count() =>
        Assert.True(PolicySet.Of(new() { Rules = [new() { Name = "k", Kind = PolicyKind.OwnKey, Action = PolicyAction.Mask }] }, 1)!.EnforcesInput);
}
