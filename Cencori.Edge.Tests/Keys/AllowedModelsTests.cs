using Cencori.Edge.Keys;
using CsCheck;

namespace Cencori.Edge.Tests.Keys;

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
        Assert.Equal(allows, AllowedModels.Allows([entry], "openai", "gpt-4o"));
        Assert.Equal(allows, AllowedModels.Allows(["something-else", entry], "openai", "gpt-4o"));
    }

    [Fact]
    public void No_list_allows_everything_and_an_empty_list_nothing() =>
        Gen.Select(Gen.String, Gen.String).Sample((provider, model) =>
        {
            Assert.True(AllowedModels.Allows(null, provider, model));
            Assert.False(AllowedModels.Allows([], provider, model));
        });
}
