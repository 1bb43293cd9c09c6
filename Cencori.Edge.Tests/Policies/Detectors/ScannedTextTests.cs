using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.Scanning;

namespace Cencori.Edge.Tests.Policies.Detectors;

public sealed class ScannedTextTests : IDisposable
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ScannedText _text = new();

    public void Dispose() => _text.Dispose();

    [Theory]
    [InlineData("", "")]
    [InlineData("as it stands: {\"a\": 1}\n\ttab", "as it stands: {\"a\": 1}\n\ttab")]
    [InlineData("ｕｓｅｒ＠ｅｘａｍｐｌｅ．ｃｏｍ", "user@example.com")]
    [InlineData("us\u200Be\u200Dr\u2060@\uFEFFex\u00ADample.com", "user@example.com")]
    [InlineData("a\uFE0Fb\U000E0041c", "abc")]
    [InlineData("4111\u00A01111\u20091111\u30001111", "4111 1111 1111 1111")]
    [InlineData("123‐45–6789 −1", "123-45-6789 -1")]
    [InlineData("٤١١١ ४१११ ４１１１ 𝟒𝟏𝟏𝟏", "4111 4111 4111 4111")]
    [InlineData("𝐮𝓈𝔢𝕣 ℂⒶⓑ", "user CAb")]
    [InlineData("раssword", "password")]
    [InlineData("АKІА5", "AKIA5")]
    [InlineData("сахар и снег", "caxap и снег")]
    [InlineData("привет, мир", "привет, мир")]
    [InlineData("смр1 рοst жу5", "cmp1 post жy5")]
    [InlineData("日本語 🙂 é", "日本語 🙂 é")]
    public void Text_is_folded_to_what_it_looks_like(string source, string text)
    {
        _text.ReadPlain(source);
        Assert.Equal(text, _text.Text);

        _text.ReadJson(Encoding.UTF8.GetBytes(source.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\t", "\\t")));
        Assert.Equal(text, _text.Text);

        _text.ReadJson(Inside(JsonSerializer.Serialize(source)));
        Assert.Equal(text, _text.Text);
    }

    [Theory]
    [InlineData("""\u0061\n\r\t\b\f\"\/\\""", "a\n\r\t\b\f\"/\\")]
    [InlineData("""\ud83d\ude42""", "🙂")]
    [InlineData("""\ud83dx\ude42\ud83d\ud83d\ude42""", "\uFFFDx\uFFFD\uFFFD🙂")]
    [InlineData("""{\"a\":\"x\\nuser@example.com\\t\\\"quoted\\\" \\/ \\\\\\\\n\"}""", "{\"a\":\"x\nuser@example.com\t\"quoted\" / \n\"}")]
    [InlineData("""user\\u0040example.com \\\\u0040 \\ud83d\\ude42 \\u00 \\uxyz C:\\Program""", "user@example.com @ 🙂 \\u00 \\uxyz C:\\Program")]
    [InlineData("""\\ud83d \\ud83d\\ud83d\\ude42 \\ude42""", "\uFFFD \uFFFD🙂 \uFFFD")]
    [InlineData("""\\\\\\x\\\\""", "\\x\\")]
    [InlineData("""\\u\u0030040""", "@")]
    public void Escapes_are_resolved(string source, string text)
    {
        _text.ReadJson(Encoding.UTF8.GetBytes(source));

        Assert.Equal(text, _text.Text);
    }

    [Fact]
    public void Invalid_UTF_8_does_no_harm()
    {
        _text.ReadJson([(byte)'a', 0xC3, (byte)'b', 0xFF, (byte)'\\', (byte)'u', (byte)'1']);

        Assert.Equal("a\uFFFDb\uFFFD\\u1", _text.Text);
        Assert.Equal(new Finding(1, 2), _text.SourceOf(new Finding(1, 2)));
    }

    [Theory]
    [InlineData("see us\u200Ber@ex\u00ADample.com\u200B.", "user@example.com", 4, 18)]
    [InlineData("🙂é user@example.com", "user@example.com", 4, 16)]
    [InlineData("a 🙂 b", "🙂", 2, 2)]
    [InlineData("plain user@example.com", "user@example.com", 6, 16)]
    public void A_range_maps_back_to_plain_text(string source, string part, int start, int length)
    {
        _text.ReadPlain(source);

        Assert.Equal(new Finding(start, length), SourceOf(part));
    }

    [Theory]
    [InlineData("""{\"to\":\"\\nuser@example.com\\n\"}""", "user@example.com", "user@example.com")]
    [InlineData("""é🙂 us\u200ber\\u0040example.com\\\\n""", "user@example.com", """us\u200ber\\u0040example.com""")]
    [InlineData("""\u0075s\u200Be\u0072@example.com""", "user@example.com", """\u0075s\u200Be\u0072@example.com""")]
    [InlineData("""x\\\\\\\\n\\t4111""", "\n\t4111", """\\\\\\\\n\\t4111""")]
    public void A_range_maps_back_to_json(string source, string part, string bytes)
    {
        var utf8 = Encoding.UTF8.GetBytes(source);
        _text.ReadJson(utf8);
        var found = SourceOf(part);

        Assert.Equal(bytes, Encoding.UTF8.GetString(utf8, found.Start, found.Length));
    }

    [Fact]
    public void The_end_of_the_text_maps_to_the_end_of_the_source()
    {
        _text.ReadPlain("é\u200B");

        Assert.Equal(new Finding(2, 0), _text.SourceOf(new Finding(1, 0)));
    }

    [Theory]
    [InlineData("word", 0)]
    [InlineData("x\\", 1)]
    [InlineData("x\\\\\\", 1)]
    [InlineData("x\\u00", 4)]
    [InlineData("x\\u0040", 0)]
    [InlineData("x\\ud83d", 1)]
    [InlineData("word слово", 5)]
    [InlineData("word слово\\u00", 9)]
    [InlineData("слово word", 0)]
    [InlineData("слово.", 0)]
    public void Unfinished_counts_characters_that_more_text_may_change(string source, int unfinished)
    {
        _text.ReadPlain(source);

        Assert.Equal(unfinished, _text.Unfinished);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_unfinished() => Unfinished_counts_characters_that_more_text_may_change("x\ud83d", 1);

    [Theory]
    [InlineData("plain \\n text", "")]
    [InlineData("hello\U000E0041", "tags")]
    [InlineData("\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E007F and more", "")]
    [InlineData("a \u202Eb", "bidi")]
    [InlineData("ig\u200Bnore", "hidden")]
    [InlineData("ig\u2060\u200Dnore é", "hidden")]
    [InlineData("soft\u00ADhyphen, 1\uFE0F\u20E3, \U0001F468\u200D\U0001F469, می\u200Cخواهم", "")]
    public void Invisible_characters_are_reported(string source, string signs)
    {
        _text.ReadPlain(source);
        Assert.Equal(signs, Signs());

        _text.ReadJson(Inside(JsonSerializer.Serialize(source, Relaxed)));
        Assert.Equal(signs, Signs());

        _text.ReadPlain("é");
        Assert.Equal("", Signs());
    }

    [Fact]
    public void Reading_another_text_allocates_nothing()
    {
        var first = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("""слово \\n ٤١ \ud83d\ude42 word """, 500)));
        var second = first.AsSpan(..1_000).ToArray();
        _text.ReadJson(first);

        var before = GC.GetAllocatedBytesForCurrentThread();
        _text.ReadJson(second);
        _text.ReadJson(first);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private string Signs() => string.Join(' ', new[] { _text.HasTagCharacters ? "tags" : "", _text.HasBidiOverrides ? "bidi" : "", _text.HasZeroWidthInWord ? "hidden" : "" }.Where(sign => sign != ""));

    private Finding SourceOf(string part) => _text.SourceOf(new Finding(_text.Text.IndexOf(part, StringComparison.Ordinal), part.Length));

    private static byte[] Inside(string json) => Encoding.UTF8.GetBytes(json[1..^1]);
}
