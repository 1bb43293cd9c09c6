using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.Scanning;
using CsCheck;

namespace Cencori.Edge.Tests.Policies.Detectors;

public class ScannedTextProperties
{
    private static readonly Gen<string> Pieces = Gen.OneOfConst("\\", "\\", "\\", "\\", "\\", "\\",
        "\n", "\"", "/", "n", "u00", "u0041", "ud83d", "ude42", "\\n", "word", " ", "7", "é", "слово", "саt", "日本", "🙂", "\u200B", "\u00AD", "\U000E0041", "４", "٤", "\u00A0", "\ud83d");

    private static readonly Gen<string> Texts = Pieces.List[0, 30].Select(pieces => string.Concat(pieces));

    private static readonly JsonSerializerOptions[] Encoders = [new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }, new()];

    /// <summary>
    /// The scanned text does not depend on how the JSON escapes it. Half surrogate pairs are replaced first, because JSON in UTF-8 cannot contain them.
    /// </summary>
    [Fact]
    public void Json_is_read_as_the_text_that_it_contains() => Texts.Sample(text =>
    {
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        using var plain = Plain(text);
        foreach (var encoder in Encoders)
        {
            using var json = new ScannedText();
            json.ReadJson(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(text, encoder)[1..^1]));
            Assert.Equal(plain.Text.ToString(), json.Text.ToString());
        }
    });

    /// <summary>Characters map to increasing source ranges. Only the two halves of a surrogate pair share a range.</summary>
    [Fact]
    public void Each_character_maps_to_its_source() => Texts.Sample(text =>
    {
        using var scanned = Plain(text);
        var end = 0;
        for (var at = 0; at < scanned.Text.Length; at++)
        {
            var place = scanned.SourceOf(new Finding(at, 1));
            if (char.IsLowSurrogate(scanned.Text[at]))
            {
                Assert.Equal(scanned.SourceOf(new Finding(at - 1, 1)), place);
                continue;
            }

            Assert.True(place.Length > 0 && place.Start >= end && place.End <= text.Length);
            end = place.End;
        }
    });

    /// <summary>If more text is added, all characters except the last <see cref="ScannedText.Unfinished"/> stay the same.</summary>
    [Fact]
    public void More_text_changes_only_what_was_unfinished() => Gen.Select(Texts, Texts).Sample((text, more) =>
    {
        using var first = Plain(text);
        using var whole = Plain(text + more);
        Assert.StartsWith(first.Text[..^first.Unfinished].ToString(), whole.Text.ToString(), StringComparison.Ordinal);
    });

    [Fact]
    public void Json_stays_valid_when_a_part_is_replaced() => Gen.Select(Texts, Gen.Int[0, 200], Gen.Int[1, 20]).Sample((text, start, length) =>
    {
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        foreach (var encoder in Encoders)
        {
            // JSON inside JSON inside JSON.
            var inner = new JsonObject { ["a"] = text }.ToJsonString(encoder);
            var outer = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(inner, encoder)[1..^1]);
            using var scanned = new ScannedText();
            scanned.ReadJson(outer);

            // Excludes the member name and the quotes of the inner JSON, because no detector includes them in a finding.
            const int Before = 6;
            var found = scanned.Text.Length - Before - 2;
            if (start >= found)
            {
                continue;
            }

            var source = scanned.SourceOf(new Finding(Before + start, Math.Min(length, found - start)));
            var masked = JsonSerializer.Deserialize<string>([(byte)'"', .. outer.AsSpan(..source.Start), .. "[MASK]"u8, .. outer.AsSpan(source.End..), (byte)'"'])!;
            Assert.Contains("[MASK]", JsonNode.Parse(masked)!["a"]!.GetValue<string>());
        }
    });

    private static ScannedText Plain(string text)
    {
        var scanned = new ScannedText();
        scanned.ReadPlain(text);
        return scanned;
    }
}
