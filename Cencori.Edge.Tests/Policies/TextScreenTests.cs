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
    [InlineData("see aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0", 4)]
    [InlineData("see aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0\\", 4)]
    [InlineData("see aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0\\u00", 4)]
    [InlineData("see aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0==", 4)]
    [InlineData("===aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0", 3)]
    [InlineData("see aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0 ", 37)]
    [InlineData("see aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0===", 39)]
    public void A_run_that_more_text_may_extend_is_open_also_when_its_end_is_inside_an_escape(string text, int from)
    {
        using var screen = new TextScreen();
        screen.ScanPlain(text, []);
        Assert.Equal(from, screen.EncodedFrom());
    }

    [Fact]
    public void The_length_of_an_open_run_is_counted_from_the_end_of_the_run_before()
    {
        using var screen = new TextScreen();
        screen.ScanPlain(new string('a', 4_000) + "=" + new string('b', 4_500), []);
        Assert.Equal(4_001, screen.EncodedFrom());
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

    /// <summary>In the usual form of these texts, letters are lost after a backslash, or folded to other letters.</summary>
    [Theory]
    [InlineData("words", "falcon", "C:\\falcon\\plan.txt, CORP\\Falcon and a falcon", 3)]
    [InlineData("words", "nathan", "{\"user\":\"CORP\\\\nathan\"}", 1)]
    [InlineData("words", "москва", "МОСКВА, Москва, москва", 3)]
    [InlineData("words", "νατο", "ΝΑΤΟ, Νατο, νατο", 3)]
    [InlineData("words", "ΝΑΥΤΟ", "ΝΑΥΤΟ, Ναυτο, ναυτο", 3)]
    [InlineData("pattern", "секрет", "секрет", 1)]
    [InlineData("pattern", "\\u0441\\w+", "секрет", 1)]
    [InlineData("pattern", "l’acme", "chez l’acme", 1)]
    [InlineData("pattern", "CORP.falcon", "CORP\\falcon", 1)]
    [InlineData("pattern", "fal\\w+", "the falcon", 1)]
    [InlineData("pattern", "\\w+@corp", "X\\bob@corp", 1)]
    [InlineData("pattern", "[a-z]+-\\d{6}", "{\"note\":\"line\\nabc-123456\"}", 1)]
    [InlineData("pattern", "\\b[a-z]\\d{6}", "{\"note\":\"line\\n123456\"}", 0)]
    public void Letters_that_the_usual_form_of_a_text_lacks_are_found_in_each_of_its_parts(string kind, string rule, string text, int hits)
    {
        var own = Rule(kind == "words" ? new() { Name = "W", Kind = PolicyKind.Words, Words = [rule] } : new() { Name = "P", Kind = PolicyKind.Pattern, Pattern = rule, IgnoreCase = true });
        using var screen = new TextScreen();
        screen.ScanPlain(text, [own], isInner: text[0] == '{');
        Assert.Equal(hits, screen.Hits.Count);
        var whole = screen.Hits.ToList();

        var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(text);
        screen.ScanJson(json.AsSpan(1, json.Length - 2), [own], isInner: text[0] == '{');
        Assert.Equal(hits, screen.Hits.Count);

        // However a stream cuts the text, what it released before is in no hit.
        for (var cut = 1; cut < text.Length; cut++)
        {
            screen.ScanPlain(text.AsSpan(0, cut), [own], isInner: text[0] == '{');
            var open = screen.OpenFrom(own);
            Assert.DoesNotContain(whole, hit => hit.Place.Start < open && hit.Place.End > cut);
        }
    }

    private static PolicyRule Rule(PolicyDocument.Rule rule) => PolicySet.Of(new() { Rules = [rule] }, 1)!.Input[0];
}
