using System.Buffers.Text;
using System.Text;
using Cencori.Edge.Keys;
using Cencori.Edge.Policies.Detectors.Secrets;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Tests.Policies.Detectors.Secrets;

/// <summary>Secrets that are certain by their form: the edge's own keys, web tokens, private keys.</summary>
public sealed class SecretDetectorTests
{
    private readonly OwnKeyDetector _own = new();
    private readonly JwtDetector _jwt = new();
    private readonly PrivateKeyDetector _private = new();

    [Fact]
    public void Own_keys_made_by_the_edge_are_found()
    {
        foreach (var head in OwnKeyDetector.Heads)
        {
            var key = ProjectKey.Generate(head);
            Assert.Equal(head.Length + OwnKeyDetector.Digits, key.Length);
            Assert.Equal(head != "cadm_", ProjectKey.IsWellFormed(key));
            foreach (var (_, put) in KeyLayouts.All)
            {
                Assert.Equal([key], _own.Texts(put(key)));
            }

            Assert.Equal([key], _own.Texts($"x{key}y"));
            Assert.Empty(_own.Find(key[..^1]));
            Assert.Empty(_own.Find(key[..^1] + "G"));
            Splits.Hold(_own, $"one {key} two {key}{key}, {key[..^1]}z csk_ {key[..^3]}", 57);
        }

        Assert.Equal(OwnKeyDetector.Heads.Order().SkipWhile(head => head == "cadm_"), Enum.GetValues<KeyType>()
            .SelectMany(type => Enum.GetValues<KeyEnvironment>().Select(environment => ProjectKey.Prefix(type, environment))).Distinct().Order());
    }

    [Theory]
    [InlineData("""{"alg":"HS256","typ":"JWT"}""", 3)]
    [InlineData("""{"typ":"JWT","alg":"RS256","kid":"a-b"}""", 3)]
    [InlineData("""{"alg":"dir","enc":"A256GCM"}""", 5)]
    public void A_web_token_has_a_header_that_names_its_algorithm(string header, int parts)
    {
        var random = new Random(1810);
        for (var round = 0; round < 30; round++)
        {
            var token = Token(random, header, parts);
            foreach (var (_, put) in KeyLayouts.All)
            {
                Assert.Equal([token], _jwt.Texts(put(token)));
            }

            Assert.Empty(_jwt.Find("x" + token));
            Assert.Empty(_jwt.Find("first " + token[..token.IndexOf('.')] + ", second"));
        }

        var one = Token(random, header, parts);
        Splits.Hold(_jwt, $"a {one}. b {one}.{one}.x eyJ.eyJ. {one} eyJ{one} c");
        Splits.Hold(_jwt, $"Bearer {one}.. {one[..^20]}");
    }

    [Theory]
    [InlineData("""{"typ":"JWT","kid":"1"}""")]
    [InlineData("""{"a":{"alg":"HS256"}}""")]
    [InlineData("""{"alg":"HS256",}""")]
    [InlineData("""{"cursor":12345678,"page":2}""")]
    public void Other_JSON_in_base64_is_not_a_web_token(string header) => Assert.Empty(_jwt.Find(Token(new Random(1811), header, 3)));

    [Fact]
    public void A_web_token_without_a_signature_is_found()
    {
        var token = Base64Url.EncodeToString("""{"alg":"none"}"""u8) + "." + Base64Url.EncodeToString("""{"sub":"1"}"""u8) + ".";
        Assert.Equal([token], _jwt.Texts($"token={token}&x"));
    }

    [Fact]
    public void A_long_web_token_is_found_to_its_end()
    {
        var long1 = Base64Url.EncodeToString("""{"alg":"none"}"""u8) + "." + new string('a', 20_000);
        Assert.Equal([long1], _jwt.Texts($"a {long1} b"));
        Assert.Equal([long1 + ".sig"], _jwt.Texts($"a {long1}.sig b"));
        Assert.Equal(100, _jwt.Open(("a " + long1).AsSpan(0, 102)));
        Assert.Equal(0, _jwt.Open("a " + long1));

        // A very long header that does not end is not a token.
        Assert.Equal(0, _jwt.Open("eyJ" + new string('a', 2_000)));
    }

    [Theory]
    [InlineData("PRIVATE KEY")]
    [InlineData("RSA PRIVATE KEY")]
    [InlineData("EC PRIVATE KEY")]
    [InlineData("OPENSSH PRIVATE KEY")]
    [InlineData("ENCRYPTED PRIVATE KEY")]
    [InlineData("PGP PRIVATE KEY BLOCK")]
    public void A_private_key_is_found_from_its_first_line_to_its_last(string label)
    {
        var random = new Random(1812);
        foreach (var lineEnd in (string[])["\n", "\r\n", "\\n", "\\r\\n", " ", "\\n\" +\n  \""])
        {
            for (var round = 0; round < 20; round++)
            {
                var pem = KeyLayouts.Pem(random, label, lineEnd);
                Assert.Equal([pem], _private.Texts($"key: \"{pem}\" and more"));
                var dash = pem.LastIndexOf("-----END", StringComparison.Ordinal);
                Assert.Equal([pem[..dash]], _private.Texts($"key: {pem[..dash]}(the rest was cut off)"));
            }
        }

        var small = "-----BEGIN " + label + "-----\nMC4CAQAwBQYDK2VwBCIEIAxN1pTq7SoM\n-----END " + label + "-----";
        Splits.Hold(_private, $"a {small} b -----BEGIN {label}-----\n {small}{small} c -----BEGIN {label}-----\nMC4CAQAwBQYDK2VwBCIEIAxN1pTq7SoM\n(cut) -----BEGIN CERTIFICATE----- -----BEGIN {label}");
    }

    [Theory]
    [InlineData("PUBLIC KEY")]
    [InlineData("RSA PUBLIC KEY")]
    [InlineData("CERTIFICATE")]
    [InlineData("CERTIFICATE REQUEST")]
    [InlineData("PGP PUBLIC KEY BLOCK")]
    public void Public_keys_and_certificates_are_not_found(string label) => Assert.Empty(_private.Find(KeyLayouts.Pem(new Random(1813), label, "\n")));

    [Fact]
    public void A_sentence_about_private_keys_is_not_found() =>
        Assert.Empty(_private.Find("A file that begins with -----BEGIN PRIVATE KEY----- holds one, and you must not send it to anybody: not to me, not to your colleagues."));

    [Fact]
    public void A_long_private_key_is_found_to_its_end()
    {
        var text = "-----BEGIN PRIVATE KEY-----\n" + string.Concat(Enumerable.Repeat(new string('A', 64) + "\n", 200));
        Assert.Equal([text], _private.Texts(text));
        Assert.Equal([text + "-----END PRIVATE KEY-----"], _private.Texts(text + "-----END PRIVATE KEY-----\nand more"));
        Assert.Equal([text], _private.Texts(text + "(cut) -----END PRIVATE KEY-----"));
        Assert.Equal(8_000, _private.Open(text.AsSpan(0, 8_000)));
        Assert.Equal(0, _private.Open(text));
    }

    private static string Token(Random random, string header, int parts)
    {
        var bytes = new byte[random.Next(20, 200)];
        random.NextBytes(bytes);
        return string.Join('.', Enumerable.Range(0, parts - 1).Select(_ => Base64Url.EncodeToString(bytes)).Prepend(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))));
    }
}
