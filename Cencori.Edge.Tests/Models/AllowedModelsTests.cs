using Cencori.Edge.Models;
using CsCheck;

namespace Cencori.Edge.Tests.Models;

public class AllowedModelsTests
{
    [Theory]
    [InlineData("gpt-4o", true)]
    [InlineData("gpt-4", false)]
    [InlineData("GPT-4o", false)]
    [InlineData("gpt-4o-mini", false)]
    [InlineData("gpt-*", true)]
    [InlineData("gpt-4o*", true)]
    [InlineData("gpt-4o-*", false)]
    [InlineData("*", true)]
    [InlineData("openai:gpt-4o", true)]
    [InlineData("openai:gpt-*", true)]
    [InlineData("openai:*", true)]
    [InlineData("openai:", false)]
    [InlineData("groq:gpt-4o", false)]
    [InlineData("groq:*", false)]
    [InlineData("open:*", false)]
    [InlineData("", false)]
    public void An_entry_allows_what_it_names(string entry, bool allows)
    {
        Assert.Equal(allows, new AllowedModels([entry]).Allows("openai", "gpt-4o"));
        Assert.Equal(allows, new AllowedModels(["something-else", entry]).Allows("openai", "gpt-4o"));
    }

    [Fact]
    public void An_empty_list_allows_nothing() =>
        Gen.Select(Gen.String, Gen.String).Sample((provider, model) => Assert.False(new AllowedModels([]).Allows(provider, model)));

    [Fact]
    public void The_lookup_allows_the_same_as_a_search_through_all_entries()
    {
        // Few letters, so that entries and names often match.
        var name = Gen.Char["ab:*"].Array[0, 5].Select(letters => new string(letters));
        Gen.Select(name.Array[0, 5], name, name).Sample((entries, provider, model) =>
            Assert.Equal(entries.Any(entry => Names(entry, provider, model)), new AllowedModels(entries).Allows(provider, model)));
    }

    private static bool Names(string entry, string provider, string model) =>
        Matches(entry, model) || (entry.StartsWith(provider + ":", StringComparison.Ordinal) && Matches(entry[(provider.Length + 1)..], model));

    private static bool Matches(string entry, string model) =>
        entry.EndsWith('*') ? model.StartsWith(entry[..^1], StringComparison.Ordinal) : entry == model;
}
