using System.Text;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using CsCheck;

namespace Cencori.Edge.Tests.Providers.Forwarding;

/// <summary>Masking of a credential, or of parts of it, in the text of a provider.</summary>
public sealed class CredentialMaskTests
{
    private const string Secret = "sk-abcdefghij0123456789/+XYZwxyz";

    [Theory]
    [InlineData("Incorrect API key provided: sk-abcdefghij0123456789/+XYZwxyz.", "Incorrect API key provided: ********************************.")]
    [InlineData("""{"key":"sk-abcdefghij0123456789\/+XYZwxyz"}""", """{"key":"***********************\*********"}""")]
    [InlineData("part ghij0123 of it", "part ******** of it")]
    [InlineData("sk-abc***wxyz", "*************")]
    [InlineData("'sk-abc***xyz'", "'************'")]
    [InlineData("sk-a*xyz", "********")]
    [InlineData("sk-abc...xyz", "******...***")]
    [InlineData("sk-abcde…wxyz ", "********…**** ")]
    [InlineData("sk-••••xyz", "***••••***")]
    [InlineData("sk-abc\\u2026wxyz", "******\\u2026****")]
    [InlineData("sk-abc[REDACTED]wxyz", "******[REDACTED]****")]
    [InlineData("sk-abcxxxxxxwxyz", "******xxxxxx****")]
    [InlineData("key ending in wxyz", "key ending in ****")]
    [InlineData("key ending in 'wxyz'", "key ending in '****'")]
    [InlineData("it begins with sk-abcd, does it not", "it begins with *******, does it not")]
    [InlineData("(...wxyz)", "(...****)")]
    [InlineData("sk-", "sk-")]
    [InlineData("Keys begin with sk-. See https://example.com/keys", "Keys begin with sk-. See https://example.com/keys")]
    [InlineData("abc, xyz, prewxyz, wxyzpost, a-wxyz", "abc, xyz, prewxyz, wxyzpost, a-wxyz")]
    [InlineData("** bold ** and ... and so on", "** bold ** and ... and so on")]
    [InlineData("", "")]
    public void Recognisable_parts_of_the_credential_become_stars(string text, string expected) => Assert.Equal(expected, Masked(Secret, text));

    [Theory]
    [InlineData("ab1de", "say ab1de and ab1d", "say ***** and ab1d")]
    [InlineData("abcdefgh", "say abcdefgh, abcdefg", "say ********, abcdefg")]
    [InlineData("test-key", "a test of test-key", "a test of ********")]
    [InlineData("sk-provider-0123456789abcdefghijklmnop", "so says the provider, of another-provider-abcdefgh", "so says the provider, of another-provider-abcdefgh")]
    [InlineData("sk-provider-0123456789abcdefghijklmnop", "abcdefghijkl, hijklmnop, er-01234", "************, *********, ********")]
    public void Ordinary_words_stay_and_short_credentials_are_masked_only_as_a_whole(string secret, string text, string expected) => Assert.Equal(expected, Masked(secret, text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("ollama")]
    public void A_credential_that_is_no_secret_has_no_mask(string? secret) => Assert.Null(CredentialMask.Of(secret));

    [Fact]
    public void No_eight_characters_of_the_credential_stay_anywhere() => Gen
        .Select(Gen.String[Gen.Char['!', '~'], 8, 40], Gen.Int[0, 39], Gen.Int[8, 40], Gen.String[Gen.Char[' ', '~'], 0, 30], Gen.String[Gen.Char[' ', '~'], 0, 30])
        .Sample((letters, at, length, before, behind) =>
        {
            // Every part of eight characters has a digit, so none can be a word.
            var secret = string.Concat(letters.Chunk(5).Select(few => new string(few) + "7"));
            at = Math.Min(at, secret.Length - 8);
            var part = secret.Substring(at, Math.Min(length, secret.Length - at));
            var text = Masked(secret, before + part + behind);

            Assert.Equal(before.Length + part.Length + behind.Length, text.Length);
            Assert.Equal(new string('*', part.Length), text.Substring(before.Length, part.Length));
        });

    [Fact]
    public Task The_mask_does_not_depend_on_how_the_stream_is_cut_or_read() => Gen
        .Select(Gen.OneOfConst(Secret, "ab1de", "0123456789abcdef"), Gen.OneOfConst("", "x ", "sk-abc***xyz ", "…", "wxyz"), Gen.Int[0, 9_000], Gen.Int[1, 700], Gen.Int[1, 5_000])
        .SampleAsync(async (secret, piece, filler, cut, room) =>
        {
            var text = piece + new string('.', filler) + secret + piece + secret[..Math.Min(9, secret.Length)] + piece;
            using var stream = new MaskedStream(new CutStream(Encoding.UTF8.GetBytes(text), cut), CredentialMask.Of(secret)!);
            var (read, buffer) = (new MemoryStream(), new byte[room]);
            while (true)
            {
                Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
                var count = await stream.ReadAsync(buffer);
                if (count == 0)
                {
                    break;
                }

                read.Write(buffer, 0, count);
            }

            Assert.Equal(Masked(secret, text), Encoding.UTF8.GetString(read.ToArray()));
        }, iter: 300, threads: 1);

    private static string Masked(string secret, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var masked = new byte[bytes.Length];
        CredentialMask.Of(secret)!.Copy(bytes, 0, masked);
        return Encoding.UTF8.GetString(masked);
    }

    private sealed class CutStream(byte[] bytes, int cut) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, cut)], cancellationToken);
    }
}
