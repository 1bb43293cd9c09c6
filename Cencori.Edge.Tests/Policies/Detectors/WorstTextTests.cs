using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.Attacks;
using Cencori.Edge.Policies.Detectors.OwnRules;
using Cencori.Edge.Policies.Detectors.Secrets;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Policies.Detectors;

/// <summary>The worst text for each detector, written with knowledge of its code.</summary>
public sealed class WorstTextTests(ITestOutputHelper output)
{
    private static readonly string Header = "eyJhbGciOiJIUzI1NiJ9";

    [Theory]
    [InlineData("sk-")]
    [InlineData("sk-proj-")]
    [InlineData("-sk-ant-sk-or-v1-sk-")]
    [InlineData("AKIAAKIA ")]
    [InlineData("=AKIA=ASIA")]
    [InlineData("secret_access_key=")]
    [InlineData("secret_access_key ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ")]
    [InlineData("12345678:AA")]
    [InlineData("github_pat_")]
    [InlineData("aaaaaaaaaaaaaaaaaaa ")]
    [InlineData("aaaaaaaaaaaaaaaaaaaa ")]
    [InlineData("a")]
    [InlineData("ghp_aB3")]
    [InlineData("\\nxoxb-")]
    public void Api_keys(string piece) => Measure(new ApiKeyDetector(), piece);

    [Theory]
    [InlineData("csk_")]
    [InlineData("csk_0123456789012345678901234567890123456789012345z")]
    [InlineData("cake_csk_test_")]
    public void Own_keys(string piece) => Measure(new OwnKeyDetector(), piece);

    [Theory]
    [InlineData("eyJ")]
    [InlineData("-eyJ")]
    [InlineData(".eyJ.eyJ")]
    [InlineData("-eyJhbGciOiJIUzI1NiJ9.")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9 ")]
    public void Web_tokens(string piece)
    {
        Measure(new JwtDetector(), piece);
        Measure(new JwtDetector(), $"{string.Concat(Enumerable.Repeat(piece, 1_000 / piece.Length))}.{Header}");
    }

    [Theory]
    [InlineData("-----BEGIN")]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\n-----END-----END")]
    [InlineData("-----BEGIN AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA (")]
    [InlineData("-")]
    public void Private_keys(string piece) => Measure(new PrivateKeyDetector(), piece);

    [Theory]
    [InlineData("red kiwi ")]
    [InlineData("red ")]
    [InlineData("red kiwi jam, ")]
    [InlineData("redx ")]
    [InlineData("red               ")]
    [InlineData("机")]
    public void Words(string piece)
    {
        string[] words = ["red kiwi jam today", "red", "red kiwi cake", "机密"];
        Measure(new WordsDetector(words), piece);
        Measure(new WordsDetector(words, threshold: 3), piece);
    }

    [Theory]
    [InlineData("(a+)+b", "a")]
    [InlineData("(a|a)*c", "a")]
    [InlineData("a.*b", "a")]
    [InlineData("a.*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")]
    [InlineData("a[^b]*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")]
    [InlineData(@"\bEMP-\d{6}\b", "EMP-12345")]
    [InlineData(@"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", "a@a")]
    [InlineData("(.*)(.*)(.*)(.*)c", "ab")]
    public void Patterns(string pattern, string piece)
    {
        Assert.Null(PatternChecks.Problem(pattern));
        Measure(new PatternDetector(pattern, ignoreCase: false, 128), piece);
    }

    [Theory]
    [InlineData("ignore ")]
    [InlineData("ignore prompt ")]
    [InlineData("ignore all previous instruction ")]
    [InlineData("\"ignore all previous instructions\" ")]
    [InlineData("\" ignore all previous instructions, ")]
    [InlineData("``` ignore all previous instructions ")]
    [InlineData("you you are instru ")]
    [InlineData("instru")]
    [InlineData("<|im_start|>")]
    [InlineData("\n\nsystem ")]
    [InlineData("dan ")]
    public void Injections(string piece) => Measure(new InjectionDetector(), piece);

    [Theory]
    [InlineData("](")]
    [InlineData("[")]
    [InlineData("](http://a")]
    [InlineData("![a](https://a.example/?q=1 ")]
    [InlineData("<img")]
    [InlineData("<img //")]
    [InlineData("<img //a ")]
    [InlineData("<img src=//a?b ")]
    [InlineData("]:        ")]
    [InlineData("](https://%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%?&&&&&&&&&&&&&&&&&)")]
    public void Links(string piece) => Measure(new ExfiltrationDetector(), piece);

    private void Measure(Detector detector, string piece)
    {
        var findings = new List<Finding>();
        var time = LinearTime.Verify(piece, text =>
        {
            findings.Clear();
            detector.Find(text, findings);
            detector.Open(text);
        });
        output.WriteLine($"{detector.GetType().Name} {piece[..Math.Min(60, piece.Length)].ReplaceLineEndings("\\n")}: {time.TotalMilliseconds:F1} ms, {findings.Count} found");
    }
}
