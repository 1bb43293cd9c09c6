using System.Text;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Tests.Policies;

/// <summary>How a rule treats the findings of its detector.</summary>
public sealed class TextScreenTests
{
    private static readonly PolicyRule Own = Rule(new() { Name = "Own", Kind = PolicyKind.Email, Allow = ["*@acme.com", "me@example.com"] });

    [Theory]
    [InlineData("a@acme.com and me@example.com", 0)]
    [InlineData("a\\u0040acme.com, \\u0061@acme.com", 0)]
    [InlineData("{\\\"to\\\":\\\"a@acme.com\\\"}", 0)]
    [InlineData("a@evil.example, b@acme.com.evil.example", 2)]
    [InlineData("a@аcme.com", 1)]
    [InlineData("a@\\u0430cme.com", 1)]
    [InlineData("a@ａcme.com", 1)]
    [InlineData("a@ac\u200Bme.com", 1)]
    [InlineData("a@ac\\u200bme.com", 1)]
    [InlineData("a@ⓐcme.com", 1)]
    [InlineData("mе@example.com", 1)]
    public void An_exception_is_compared_with_the_original_text(string json, int hits)
    {
        using var screen = new TextScreen();
        screen.ScanJson(Encoding.UTF8.GetBytes(json), [Own]);
        Assert.Equal(hits, screen.Hits.Count);
        if (!json.Contains('\\'))
        {
            screen.ScanPlain(json, [Own]);
            Assert.Equal(hits, screen.Hits.Count);
        }
    }

    [Theory]
    [InlineData("a@acme.com", 0)]
    [InlineData("a@аcme.com", 1)]
    public void An_exception_is_compared_with_the_decoded_original_text(string address, int hits)
    {
        using var screen = new TextScreen();
        screen.ScanPlain(Convert.ToBase64String(Encoding.UTF8.GetBytes($"please write to {address} today")), [Own]);
        Assert.Equal(hits, screen.Hits.Count);
    }

    [Theory]
    [InlineData("project falcon", "project\u200Bfalcon and projectfalcon", 1)]
    [InlineData("project falcon", "project\\u2060falcon", 1)]
    [InlineData("project falcon", "project\\nfalcon project-falcon PROJECT_FALCON", 3)]
    [InlineData("red act", "redact this", 0)]
    [InlineData("o'neil", "O’Neil and OʼNeil", 2)]
    [InlineData("o’neil", "O'Neil", 1)]
    public void Phrases_are_found_with_zero_width_characters_between_their_words(string word, string json, int hits)
    {
        using var screen = new TextScreen();
        screen.ScanJson(Encoding.UTF8.GetBytes(json), [Rule(new() { Name = "Words", Kind = PolicyKind.Words, Words = [word] })]);
        Assert.Equal(hits, screen.Hits.Count);
    }

    private static PolicyRule Rule(PolicyDocument.Rule rule) => PolicySet.Of(new() { Rules = [rule] }, 1)!.Input[0];
}
