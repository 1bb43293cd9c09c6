using System.Collections.Immutable;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Storage;
using CsCheck;

namespace Cencori.Edge.Tests.Routing.Selection;

public sealed class TargetPickerTests
{
    [Fact]
    public void Shares_follow_the_weights()
    {
        var all = PlanFor((0, 80), (0, 20), (1, 100));
        var counts = new int[3];
        for (var dice = 0; dice < 10_000; dice++)
        {
            counts[TargetPicker.Pick(all, 0b111, new(dice / 10_000d, 0))]++;
        }

        Assert.Equal([8_000, 2_000, 0], counts);
    }

    [Fact]
    public void The_picked_credential_is_open_has_the_lowest_rank_and_is_drained_only_if_all_are() =>
        Gen.Select(Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3]).Array[1, 12], Gen.ULong, Gen.Double[0, 0.999999]).Sample((credentials, set, dice) =>
        {
            var all = Of(credentials);
            var plan = PlanOf.OpenAi(all);
            var open = set & ((1UL << all.Length) - 1);
            var usual = Enumerable.Range(0, all.Length).Where(place => (open >> place & 1) != 0).ToList();
            usual = usual.Exists(place => all[place].Weight > 0) ? usual.FindAll(place => all[place].Weight > 0) : usual;
            var picked = TargetPicker.Pick(plan, open, new(dice, 0));
            if (usual.Count == 0)
            {
                Assert.Equal(-1, picked);
                return;
            }

            Assert.Contains(picked, usual);
            Assert.Equal(usual.Min(place => all[place].Rank), all[picked].Rank);
        });

    [Fact]
    public void Credentials_that_are_all_drained_have_equal_shares()
    {
        var all = PlanFor((0, 0), (0, 0));
        Assert.Equal([0, 1], [TargetPicker.Pick(all, 0b11, new(0.2, 0)), TargetPicker.Pick(all, 0b11, new(0.8, 0))]);
        Assert.Equal(-1, TargetPicker.Pick(PlanFor(), 0, new(0.5, 0)));
    }

    private static TargetPlan PlanFor(params (int Rank, int Weight)[] credentials) => PlanOf.OpenAi(Of(credentials));

    private static ImmutableArray<ProviderCredential> Of(params (int Rank, int Weight)[] credentials) =>
        [.. credentials.Select((credential, place) => new ProviderCredential("openai", KeyEnvironment.Production, "", "sk", null) { Id = $"cr_{place}", Rank = credential.Rank, Weight = credential.Weight })];
}
