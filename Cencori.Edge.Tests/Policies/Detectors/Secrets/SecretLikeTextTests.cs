using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.Attacks;
using Cencori.Edge.Policies.Detectors.Secrets;
using Cencori.Edge.Tests.Infrastructure;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Policies.Detectors.Secrets;

public sealed class SecretLikeTextTests(ITestOutputHelper output)
{
    [Fact]
    [Trait(SlowestTests.Trait, "Six detectors scan 20,000 texts.")]
    public void Texts_that_only_look_like_secrets_are_not_found()
    {
        const int OfEach = 1_000;
        (string Name, Detector Detector)[] detectors =
            [("api_key", new ApiKeyDetector()), ("jwt", new JwtDetector()), ("private_key", new PrivateKeyDetector()), ("own_key", new OwnKeyDetector()), ("exfiltration", new ExfiltrationDetector()), ("injection", new InjectionDetector())];
        var random = new Random(1840);
        var characters = 0L;
        var hits = new int[detectors.Length];
        Assert.True(SecretLikeTexts.All.Length * OfEach >= 20_000);
        foreach (var (kind, make) in SecretLikeTexts.All)
        {
            var before = hits.ToArray();
            for (var round = 0; round < OfEach; round++)
            {
                var text = make(random);
                characters += text.Length;
                for (var index = 0; index < detectors.Length; index++)
                {
                    var found = detectors[index].Detector.Texts(text);
                    hits[index] += found.Length > 0 ? 1 : 0;
                    if (found.Length > 0)
                    {
                        output.WriteLine($"    {detectors[index].Name}: {found[0]}");
                    }
                }
            }

            output.WriteLine($"| {kind} | {OfEach} | {string.Join(" | ", hits.Zip(before, (now, then) => now - then))} |");
        }

        var all = SecretLikeTexts.All.Length * OfEach;
        output.WriteLine($"seed 1840, {all} texts of {characters / 1_000_000.0:F1} million characters; {string.Join(", ", detectors.Zip(hits, (detector, count) => $"{detector.Name} {100.0 * count / all:F3} %"))}");
        Assert.All(hits, count => Assert.True(count <= all / 1000));
    }
}
