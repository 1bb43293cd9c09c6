using Cencori.Edge.Policies.Detectors;

namespace Cencori.Edge.Tests.Policies.Detectors;

/// <summary>The contract of a detector for a text that arrives in pieces.</summary>
internal static class Splits
{
    /// <summary>Number of characters of released text that a stream keeps as context before the text that it still holds.</summary>
    public const int LeftContext = 64;

    public static List<Finding> Find(this Detector detector, string text)
    {
        var findings = new List<Finding>();
        detector.Find(text, findings);
        return findings;
    }

    public static string[] Texts(this Detector detector, string text) => [.. detector.Find(text).Select(found => text.Substring(found.Start, found.Length))];

    /// <summary>
    /// Asserts for every cut: findings that begin in text that may be released are the same with and without the rest of the text,
    /// and later findings do not need the released text before the context.
    /// </summary>
    public static void Hold(Detector detector, string text, int max = int.MaxValue, int leftContext = LeftContext)
    {
        var whole = detector.Find(text);
        Assert.Equal(whole.OrderBy(found => found.Start), whole);
        Assert.All(whole.Zip(whole.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var open = detector.Open(text.AsSpan(0, cut));
            Assert.True(open >= 0 && open <= Math.Min(cut, max), $"{open} of {cut} characters are open in: {text}");
            var released = cut - open;
            var before = whole.Where(found => found.Start < released).ToList();
            var first = detector.Find(text[..cut]).Where(found => found.Start < released).ToList();
            Assert.True(before.SequenceEqual(first), $"After {cut} characters ({open} of them open), the findings are {string.Join(' ', first)} instead of {string.Join(' ', before)} in: {text}");

            if (!before.Exists(found => found.End > released) && released > leftContext)
            {
                var from = released - leftContext;
                var window = detector.Find(text[from..]).Where(found => found.Start + from >= released).Select(found => found with { Start = found.Start + from });
                Assert.True(window.SequenceEqual(whole.Where(found => found.Start >= released)), $"Without the first {from} characters, the findings differ in: {text}");
            }
        }
    }
}
