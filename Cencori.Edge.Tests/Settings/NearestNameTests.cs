using Cencori.Edge.Settings;
using CsCheck;

namespace Cencori.Edge.Tests.Settings;

public class NearestNameTests
{
    private static readonly string[] Known = ["Credential", "PathBase", "Models", "NeedsBaseUrl", "StreamUsage", "Proxy"];

    [Theory]
    [InlineData("Modles", "Models")]
    [InlineData("Model", "Models")]
    [InlineData("models ", "Models")]
    [InlineData("STREAMUSAGES", "StreamUsage")]
    [InlineData("PathBas", "PathBase")]
    [InlineData("Prxoy", "Proxy")]
    [InlineData("", null)]
    [InlineData("Colour", null)]
    public void The_nearest_name_is_found_when_one_is_near(string written, string? meant) => Assert.Equal(meant, NearestName.Find(written, Known));

    [Fact]
    public void A_single_typing_error_finds_the_name() =>
        Gen.Select(Gen.Int[0, Known.Length - 1], Gen.Int[0, 20], Gen.Int[0, 2], Gen.Char['a', 'z']).Sample((index, at, kind, letter) =>
        {
            var name = Known[index];
            at %= name.Length;
            var slip = kind == 0 ? name.Remove(at, 1) : kind == 1 ? name.Insert(at, letter.ToString()) : name[..at] + letter + name[(at + 1)..];
            Assert.Equal(name, NearestName.Find(slip, Known));
        });

    [Theory]
    [InlineData("Modles", " Did you mean 'Models'?")]
    [InlineData("cred", " Did you mean 'Credential'?")]
    [InlineData("P", " There are Credential, Models, NeedsBaseUrl, PathBase, Proxy, StreamUsage.")]
    [InlineData("Colour", " There are Credential, Models, NeedsBaseUrl, PathBase, Proxy, StreamUsage.")]
    public void A_suggestion_is_a_sentence(string written, string sentence) => Assert.Equal(sentence, NearestName.Suggest(written, Known));
}
