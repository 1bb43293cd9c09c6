using Cencori.Edge.Models;
using CsCheck;

namespace Cencori.Edge.Tests.Models;

public sealed class ModelPatternsTests
{
    // Few letters, so that names and patterns often match.
    private static readonly Gen<string> Name = Gen.Char["ab:*"].Array[0, 5].Select(letters => new string(letters));

    [Fact]
    public void The_lookup_finds_the_same_as_a_search_through_all_entries_and_in_the_same_order() =>
        Gen.Select(Gen.Select(Name, Gen.Int[0, 3], (pattern, value) => (pattern, value)).Array[0, 12], Name).Sample((entries, model) =>
        {
            var found = new List<int[]>();
            foreach (var values in new ModelPatterns<int>(entries).Of(model))
            {
                found.Add(values);
            }

            Assert.Equal(Naive(entries, model), found);
        });

    [Fact]
    public void Names_holds_exactly_the_entries_without_a_wildcard() =>
        Gen.Select(Name.Array[0, 12], Name).Sample((names, model) => Assert.Equal(
            names.Contains(model) && !model.EndsWith('*'),
            new ModelPatterns<bool>(names.Select(name => (name, true))).Names(model)));

    [Fact]
    public void A_lookup_allocates_nothing()
    {
        var patterns = new ModelPatterns<string>([("gpt-*", "short"), ("gpt-4o*", "long"), ("gpt-4o", "exact"), ("*", "any")]);
        _ = Count(patterns, "gpt-4o-mini");

        var before = GC.GetAllocatedBytesForCurrentThread();
        var count = Count(patterns, "gpt-4o-mini") + Count(patterns, "gpt-4o") + Count(patterns, "claude");
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal((3 + 4 + 1, 0), (count, allocated));
    }

    private static int Count(ModelPatterns<string> patterns, string model)
    {
        var count = 0;
        foreach (var _ in patterns.Of(model))
        {
            count++;
        }

        return count;
    }

    private static IEnumerable<int[]> Naive((string Pattern, int Value)[] entries, string model) => entries
        .GroupBy(entry => entry.Pattern, entry => entry.Value)
        .Where(group => group.Key.EndsWith('*') ? model.StartsWith(group.Key[..^1], StringComparison.Ordinal) : model == group.Key)
        .OrderBy(group => group.Key.EndsWith('*'))
        .ThenByDescending(group => group.Key.Length)
        .Select(group => group.ToArray());
}
