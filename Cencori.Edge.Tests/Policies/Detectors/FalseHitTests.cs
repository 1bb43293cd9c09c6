using System.Text;
using Cencori.Edge.Policies.Detectors.Scanning;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Policies.Detectors;

public class FalseHitTests(ITestOutputHelper output)
{
    private const int Seed = 20241129;
    private const int Texts = 20_000;

    /// <summary>Counts the texts with any finding.</summary>
    [Fact]
    public void Harmless_texts_have_few_findings()
    {
        var random = new Random(Seed);
        var texts = Enumerable.Range(0, Texts).Select(_ => Encoding.UTF8.GetBytes(HarmlessTexts.Make(random).Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\t", "\\t"))).ToArray();
        using var text = new ScannedText();
        var hit = new HashSet<int>();
        foreach (var (name, detector, _) in RecallTests.Kinds.Take(5))
        {
            var examples = new List<string>();
            for (var each = 0; each < texts.Length; each++)
            {
                text.ReadJson(texts[each]);
                foreach (var found in RecallTests.Find(detector, text.Text))
                {
                    hit.Add(each);
                    examples.Add(text.Text.Slice(found.Start, found.Length).ToString());
                }
            }

            output.WriteLine($"{name,-6} {examples.Count,4} in {Texts} texts of {texts.Sum(source => (long)source.Length) >> 10} KiB {string.Join(" · ", examples.Take(6))}");
        }

        output.WriteLine($"all    {hit.Count,4} texts, {100.0 * hit.Count / Texts:f3} %");
        Assert.True(hit.Count <= Texts / 1_000);
    }
}
