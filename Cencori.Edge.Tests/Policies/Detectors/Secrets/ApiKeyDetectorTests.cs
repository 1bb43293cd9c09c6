using Cencori.Edge.Policies.Detectors.Secrets;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Policies.Detectors.Secrets;

public sealed class ApiKeyDetectorTests(ITestOutputHelper output)
{
    private readonly ApiKeyDetector _detector = new();

    [Fact]
    public void Keys_of_some_forty_vendors_are_found_in_every_context()
    {
        const int Rounds = 10;
        var random = new Random(1802);
        var (found, all) = (0, 0);
        var missed = new SortedDictionary<string, int>(StringComparer.Ordinal);
        Assert.True(KeySamples.Forms.Select(form => form.Vendor).Distinct().Count() >= 40);
        foreach (var (vendor, form) in KeySamples.Forms)
        {
            foreach (var (layout, put) in KeyLayouts.All)
            {
                for (var round = 0; round < Rounds; round++, all++)
                {
                    var key = KeySamples.Make(random, form);
                    var hit = _detector.Texts(put(key)).Contains(key);
                    found += hit ? 1 : 0;
                    missed[$"{vendor} {form}, {layout}"] = missed.GetValueOrDefault($"{vendor} {form}, {layout}") + (hit ? 0 : 1);
                }
            }
        }

        output.WriteLine($"seed 1802: {found} of {all} keys found, {100.0 * found / all:F2} %");
        foreach (var (name, count) in missed.Where(miss => miss.Value > 0))
        {
            output.WriteLine($"  {name}: {count} of {Rounds} missed");
        }

        Assert.True(found >= 0.995 * all);
        Assert.DoesNotContain(missed, miss => miss.Value > Rounds / 2);
    }

    [Fact]
    public void A_key_of_a_wrong_length_is_not_found()
    {
        var random = new Random(1803);
        foreach (var form in KeySamples.Exact)
        {
            for (var round = 0; round < 50; round++)
            {
                var key = KeySamples.Make(random, form);
                Assert.Empty(_detector.Find($"the key {key[..^1]} and"));
                Assert.Empty(_detector.Find($"the key {key}a and"));
                Assert.Empty(_detector.Find($"the key a{key} and"));
            }
        }
    }

    [Theory]
    [InlineData("ask-me-anything-about-this-in-the-next-48-hours-or-so")]
    [InlineData("sk-")]
    [InlineData("sk-proj-your-openai-key-goes-here-and-not-in-the-code")]
    [InlineData("sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("AKIAIOSFODNN7EXAMPLE")]
    [InlineData("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")]
    [InlineData("npm_config_registry npm_lifecycle_event npm_package_dependencies_typescript")]
    [InlineData("ghp_abcdefghijklmnopqrstuvwxyz0123456789")]
    [InlineData("key-value-store-with-many-pairs secret_manager_client_configuration_options")]
    [InlineData("hf_hub_download hf_transformers_cache_directory_location")]
    public void A_prefix_or_a_placeholder_is_not_a_key(string text) => Assert.Empty(_detector.Find(text));

    [Fact]
    public void A_secret_access_key_is_found_only_near_its_name()
    {
        var random = new Random(1804);
        string[] before = ["aws_secret_access_key = ", "AWS_SECRET_ACCESS_KEY=", "\"SecretAccessKey\": \"", "secretAccessKey: '", "| AWS_SECRET_ACCESS_KEY | "];
        for (var round = 0; round < 200; round++)
        {
            var secret = KeySamples.Make(random, "s40");
            Assert.Empty(_detector.Find($"sha = {secret} and"));
            foreach (var name in before)
            {
                Assert.Equal([secret], _detector.Texts($"{name}{secret}\" |"));
            }
        }
    }

    [Fact]
    public void A_bot_token_is_found_after_its_number()
    {
        var random = new Random(1805);
        for (var round = 0; round < 100; round++)
        {
            var token = KeySamples.Make(random, "[:AA]u33");
            Assert.Equal([token], _detector.Texts($"https://api.telegram.org/bot{KeySamples.Make(random, "d10")}{token}/getMe"));
            Assert.Empty(_detector.Find($"x{token}"));
        }
    }

    [Fact]
    public void A_key_that_arrives_in_pieces_is_found()
    {
        var random = new Random(1806);
        foreach (var (_, form) in KeySamples.Forms)
        {
            var (_, put) = KeyLayouts.All[random.Next(KeyLayouts.All.Length)];
            Splits.Hold(_detector, put(KeySamples.Make(random, form)), 320);
        }

        foreach (var form in KeySamples.Exact)
        {
            var key = KeySamples.Make(random, form);
            Splits.Hold(_detector, $"one {key[..^1]} two {key}a, {key}sk-{key} {key}", 320);
        }

        Splits.Hold(_detector, $"AWS_SECRET_ACCESS_KEY | `{KeySamples.Make(random, "s40")}`, secret_access_key={KeySamples.Make(random, "s41")} secretAccessKey: {KeySamples.Make(random, "s40")}-");
        Splits.Hold(_detector, $"bot12345678:AA{KeySamples.Make(random, "u33")} {KeySamples.Make(random, "[sk-proj-]u600")} {KeySamples.Make(random, "[ghp_]a300")}", 320);
    }

    // Random sequences of the characters that prefixes and keys consist of.
    [Fact]
    public void Random_key_parts_that_arrive_in_pieces_give_the_same_findings()
    {
        string[] pieces = ["sk-", "sk-proj-", "sk-ant-", "AKIA", "ghp_", "SG.", ".", "-", "_", " ", "=", "SECRET_ACCESS_KEY", ":AA", "12345678", "hooks.slack.com/services/", "u20", "a36", "h32", "b16", "u43", "s40", "h5"];
        var random = new Random(1807);
        for (var round = 0; round < 300; round++)
        {
            var text = string.Concat(random.GetItems(pieces, random.Next(2, 9)).Select(piece => piece.Length is 2 or 3 && char.IsAsciiDigit(piece[1]) ? KeySamples.Make(random, piece) : piece));
            Splits.Hold(_detector, text, 320);
        }
    }
}
