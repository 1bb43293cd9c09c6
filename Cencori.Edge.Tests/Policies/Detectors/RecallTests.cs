using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.PersonalData;
using Cencori.Edge.Policies.Detectors.Scanning;
using Cencori.Edge.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Policies.Detectors;

/// <summary>How many values at known places are found, in all contexts and encodings.</summary>
public class RecallTests(ITestOutputHelper output)
{
    private const int Seed = 20241129;
    private const int ValuesEach = 20;

    internal static readonly (string Name, Detector Detector, Func<Random, string> Make)[] Kinds =
    [
        ("email", new EmailDetector(), Made.Email),
        ("card", new CardDetector(), Made.Card),
        ("iban", new IbanDetector(), Made.Iban),
        ("ssn", new SsnDetector(), Made.Ssn),
        ("phone", new PhoneDetector(), Made.Phone),
        ("ip", new IpDetector(), Made.Ip),
        .. NationalNumbers.All.Select(number => ($"national {number.Region}", (Detector)new NationalIdDetector([number.Region]), (Func<Random, string>)(random => Made.National(random, number)))),
    ];

    [Fact]
    [Trait(SlowestTests.Trait, "Each kind of value is looked for in each layout.")]
    public void Values_are_found_in_every_context()
    {
        var random = new Random(Seed);
        using var text = new ScannedText();
        foreach (var (name, detector, make) in Kinds)
        {
            var misses = new List<string>();
            var all = 0;
            foreach (var (sourceName, encode) in Layouts.Sources)
            {
                foreach (var (before, after) in Layouts.Texts)
                {
                    for (var each = 0; each < ValuesEach; each++)
                    {
                        // The value begins after its context word, if it needs one.
                        var created = make(random);
                        var word = name.StartsWith("national", StringComparison.Ordinal) ? created.LastIndexOf(' ') + 1 : 0;
                        word = word > 0 && created[..word].Any(char.IsAsciiLetterLower) ? word : 0;
                        var (lead, value, trail) = (encode(before + created[..word]), encode(created[word..]), encode(after));
                        var start = Encoding.UTF8.GetByteCount(lead);
                        var source = Encoding.UTF8.GetBytes(lead + value + trail);
                        text.ReadJson(source);
                        var found = Find(detector, text.Text).Select(text.SourceOf).ToList();
                        all++;
                        if (!found.Contains(new Finding(start, Encoding.UTF8.GetByteCount(value))))
                        {
                            misses.Add($"{sourceName}: {lead}«{value}»{trail} {string.Join(' ', found)}");
                        }
                        else
                        {
                            Replace(source, found);
                        }
                    }
                }
            }

            output.WriteLine($"{name,-12} {all - misses.Count,7} of {all,7} {100.0 * (all - misses.Count) / all,7:f2} %");
            misses.Take(5).ToList().ForEach(output.WriteLine);
            Assert.True(misses.Count <= all * 0.005, name);
        }
    }

    [Fact]
    public void Encoded_values_are_found()
    {
        var random = new Random(Seed);
        using var text = new ScannedText();
        using var inner = new ScannedText();
        var decoded = new char[EncodedRuns.MaxDecoded];
        foreach (var (name, detector, make) in Kinds.Take(5))
        {
            foreach (var (encoding, encode) in Layouts.Encodings)
            {
                var (hits, all) = (0, 0);
                foreach (var (before, after) in Layouts.Texts)
                {
                    var run = encode($"Some words, then {before}{make(random)}{after}");
                    text.ReadJson(Encoding.UTF8.GetBytes($"See {run} here"));
                    var at = 0;
                    all++;
                    while (EncodedRuns.TryNext(text.Text, ref at, decoded, out var place, out var length))
                    {
                        inner.ReadPlain(decoded.AsSpan(0, length));
                        hits += Find(detector, inner.Text).Count > 0 && text.SourceOf(place) == new Finding(4, run.Length) ? 1 : 0;
                    }
                }

                output.WriteLine($"{name,-12} {encoding,-15} {hits,4} of {all,4}");
                Assert.Equal(all, hits);
            }
        }
    }

    [Fact]
    public void A_value_with_a_wrong_check_digit_is_not_found()
    {
        var random = new Random(Seed);
        foreach (var (name, detector, make) in Kinds.Where(kind => kind.Name is "card" or "iban" || kind.Name.StartsWith("national", StringComparison.Ordinal)))
        {
            for (var each = 0; each < 200; each++)
            {
                var value = make(random);
                var place = value.Length - 1 - value.Reverse().TakeWhile(character => !char.IsAsciiDigit(character)).Count();
                var other = $"{value[..place]}{(char)('0' + ((value[place] - '0' + 1) % 10))}{value[(place + 1)..]}";
                Assert.Empty(Find(detector, $"It is {other}.").Where(found => found.Length >= value.Length - 1).Select(_ => $"{name} {value} {other}"));
            }
        }
    }

    internal static List<Finding> Find(Detector detector, ReadOnlySpan<char> text)
    {
        var findings = new List<Finding>();
        detector.Find(text, findings);
        return findings;
    }

    // Replaces all findings, and asserts that the result is still valid JSON and valid UTF-8.
    private static void Replace(byte[] source, List<Finding> found)
    {
        var masked = new List<byte>(source);
        foreach (var place in found.AsEnumerable().Reverse())
        {
            masked.RemoveRange(place.Start, place.Length);
            masked.InsertRange(place.Start, "[MASKED]"u8.ToArray());
        }

        var text = Inside(masked);
        Assert.Contains("[MASKED]", text);
        if (IsJson(Inside([.. source])))
        {
            Assert.True(IsJson(text), text);
        }
    }

    private static string Inside(List<byte> json) => JsonSerializer.Deserialize<string>([(byte)'"', .. json, (byte)'"'])!;

    private static bool IsJson(string text)
    {
        if (!text.StartsWith('{'))
        {
            return false;
        }

        try
        {
            return JsonNode.Parse(text) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
