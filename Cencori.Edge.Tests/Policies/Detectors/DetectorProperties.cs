using System.Text;
using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.PersonalData;
using Cencori.Edge.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Policies.Detectors;

public class DetectorProperties(ITestOutputHelper output)
{
    private const int Seed = 7;

    private static readonly (string Name, Detector Detector, Func<Random, string> Make)[] Kinds =
    [
        .. RecallTests.Kinds,
        ("phone US", new PhoneDetector("US"), _ => "(212) 555-0123"),
        ("phone DE", new PhoneDetector("DE"), _ => "030 / 1234567"),
        ("national all", new NationalIdDetector(NationalNumbers.All.Select(number => number.Region)), random => Made.National(random, Made.Pick(random, NationalNumbers.All))),
    ];

    /// <summary>However a text is split, more text does not change the findings in characters that <see cref="Detector.Open"/> has not counted.</summary>
    [Fact]
    [Trait(SlowestTests.Trait, "300 texts of each kind are cut at each of their characters.")]
    public void Text_that_is_not_open_does_not_change()
    {
        var random = new Random(Seed);
        foreach (var (name, detector, make) in Kinds)
        {
            for (var each = 0; each < 300; each++)
            {
                var text = Sample(random, make);
                var whole = RecallTests.Find(detector, text);
                for (var cut = 0; cut <= text.Length; cut++)
                {
                    var open = detector.Open(text.AsSpan(..cut));
                    Assert.InRange(open, 0, cut);
                    var decided = cut - open;
                    var first = RecallTests.Find(detector, text.AsSpan(..cut));
                    var reason = $"{name}, open {open}: {text[..cut]}¦{text[cut..]}";
                    Assert.True(whole.All(found => found.End <= cut || found.Start >= decided), reason);
                    Assert.True(first.Where(found => found.End <= decided).SequenceEqual(whole.Where(found => found.End <= decided)), reason);
                }
            }
        }
    }

    /// <summary>A stream keeps only the last 64 characters of released text as context. Findings must not depend on earlier text.</summary>
    [Fact]
    [Trait(SlowestTests.Trait, "300 texts of each kind are scanned with and without what precedes them.")]
    public void Text_far_before_a_finding_makes_no_difference()
    {
        var random = new Random(Seed);
        foreach (var (name, detector, make) in Kinds)
        {
            for (var each = 0; each < 300; each++)
            {
                var text = Sample(random, make) + Sample(random, make);
                var whole = RecallTests.Find(detector, text);
                var cut = random.Next(text.Length);
                var rest = RecallTests.Find(detector, text.AsSpan(cut..)).Select(found => found with { Start = found.Start + cut });
                Assert.True(rest.Where(found => found.Start >= cut + 64).SequenceEqual(whole.Where(found => found.Start >= cut + 64)) || whole.Any(found => found.Start < cut + 64 && found.End > cut + 64), $"{name}: {text[..cut]}¦{text[cut..]}");
            }
        }
    }

    [Fact]
    public void Findings_are_in_order_and_do_not_overlap()
    {
        var random = new Random(Seed);
        foreach (var (name, detector, make) in Kinds)
        {
            for (var each = 0; each < 1000; each++)
            {
                var text = Sample(random, make);
                var end = 0;
                foreach (var found in RecallTests.Find(detector, text))
                {
                    Assert.True(found.Start >= end && found.Length > 0 && found.End <= text.Length, $"{name}: {text}");
                    end = found.End;
                }
            }
        }
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Each detector reads long texts that are made to be slow.")]
    public void The_worst_text_takes_linear_time()
    {
        var random = new Random(Seed);
        string[] worst =
        [
            "@", "a@", "a@b.", "a@b.co:", ".", "a.", "1", "1 ", "1-", "4111 1111 ", "4111 1111 1111 1112 ", "+", "+1", "+12125550199 ", "+49 30 1 2 3 4 5 6 7 8 9 ", "+1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 ",
        ];
        var findings = new List<Finding>();
        foreach (var (name, detector, make) in Kinds.Where(kind => !kind.Name.StartsWith("national", StringComparison.Ordinal) || kind.Name == "national all"))
        {
            var slowest = worst.Append(make(random) + " ").Append(make(random)).Select(piece => (Time: LinearTime.Verify(piece, Find), Piece: piece)).Max();
            output.WriteLine($"{name,-12} {slowest.Time.TotalMilliseconds,8:f1} ms for 512 Ki characters of \"{slowest.Piece}\"");

            void Find(string text)
            {
                findings.Clear();
                detector.Find(text, findings);
            }
        }
    }

    [Fact]
    public void Nothing_is_allocated_without_a_finding()
    {
        var text = string.Concat(Enumerable.Repeat("Prose 12 with 4111 1111 numbers, an @ and a+b: 10.0.0.1, 3-4, AB12 CD34, std::x, git@host:path. ", 50));
        var findings = new List<Finding>();
        foreach (var (name, detector, _) in Kinds)
        {
            detector.Find(text, findings);
            var before = GC.GetAllocatedBytesForCurrentThread();
            detector.Find(text, findings);
            detector.Open(text);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() == before, name);
            Assert.Empty(findings);
        }
    }

    private static string Sample(Random random, Func<Random, string> make)
    {
        var text = new StringBuilder();
        for (var pieces = random.Next(1, 6); pieces > 0; pieces--)
        {
            text.Append(Made.Pick(random, " ", "", ".", ":", "/", "-", "git@github.com:a/b", "word ", " 12", "1234 ", "@", "+", "ssn: ", "(", "é", ", ", "\n", "x", "DE89 37", "::", "1.2.3."));
            text.Append(random.Next(3) == 0 ? Made.Digits(random, random.Next(1, 20)) : make(random));
        }

        return text.ToString();
    }
}
