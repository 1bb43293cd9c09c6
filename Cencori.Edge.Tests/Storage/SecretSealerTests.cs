using System.Security.Cryptography;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure;
using CsCheck;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Tests.Storage;

public sealed class SecretSealerTests : IDisposable
{
    private static readonly string First = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly string Second = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private readonly string _directory = Directory.CreateTempSubdirectory("sealer-").FullName;

    [Fact]
    public void A_secret_opens_for_its_owner()
    {
        var sealer = Sealer(First);
        Gen.Select(Gen.String, Gen.String).Sample((secret, owner) =>
        {
            // Half of a surrogate pair cannot be encoded in UTF-8, and does not occur in keys.
            secret = secret.Replace('\uFFFD', 'x');
            var expected = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(secret));
            Assert.Equal(expected, sealer.Open(sealer.Seal(secret, owner), sealer.SealKeyId, owner));
        });
    }

    [Fact]
    public void A_secret_opens_for_no_other_owner()
    {
        var sealer = Sealer(First);
        Gen.Select(Gen.String.AlphaNumeric, Gen.String.AlphaNumeric).Where((owner, other) => owner != other).Sample((owner, other) =>
            Assert.ThrowsAny<CryptographicException>(() => sealer.Open(sealer.Seal("sk-secret", owner), sealer.SealKeyId, other)));
    }

    [Fact]
    public void No_bit_of_a_sealed_value_can_be_altered()
    {
        var sealer = Sealer(First);
        var value = sealer.Seal("sk-0123456789", "owner");
        for (var bit = 0; bit < value.Length * 8; bit++)
        {
            var altered = value.ToArray();
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.ThrowsAny<CryptographicException>(() => sealer.Open(altered, sealer.SealKeyId, "owner"));
        }
    }

    [Fact]
    public void A_sealed_value_cut_at_any_length_does_not_open()
    {
        var sealer = Sealer(First);
        var value = sealer.Seal("sk-0123456789", "owner");
        for (var length = 0; length < value.Length; length++)
        {
            Assert.ThrowsAny<CryptographicException>(() => sealer.Open(value[..length], sealer.SealKeyId, "owner"));
        }
    }

    [Fact]
    public void An_unknown_key_id_does_not_open()
    {
        var value = Sealer(First).Seal("sk-secret", "owner");

        Assert.ThrowsAny<CryptographicException>(() => Sealer(Second).Open(value, Sealer(First).SealKeyId, "owner"));
        Assert.ThrowsAny<CryptographicException>(() => Sealer(Second).Open(value, Sealer(Second).SealKeyId, "owner"));
    }

    [Fact]
    public void After_a_rotation_the_new_key_seals_and_both_open()
    {
        var before = Sealer(First);
        var value = before.Seal("sk-old", "owner");
        var after = Sealer($"{Second}, {First}");

        Assert.Equal(Sealer(Second).SealKeyId, after.SealKeyId);
        Assert.Equal("sk-old", after.Open(value, before.SealKeyId, "owner"));
        Assert.Equal("sk-new", Sealer(Second).Open(after.Seal("sk-new", "owner"), after.SealKeyId, "owner"));
    }

    [Fact]
    public void No_two_sealed_values_share_a_nonce()
    {
        var sealer = Sealer(First);
        var nonces = Enumerable.Range(0, 2_000).Select(_ => Convert.ToHexString(sealer.Seal("same", "same").AsSpan(1, 12)));

        Assert.Equal(2_000, nonces.Distinct().Count());
    }

    [Fact]
    public void A_sealed_value_does_not_hold_the_secret()
    {
        var value = Sealer(First).Seal("sk-recognisable-secret", "owner");

        Assert.DoesNotContain("recognisable", System.Text.Encoding.Latin1.GetString(value), StringComparison.Ordinal);
    }

    public void Dispose() => RunDirectory.Delete(_directory);

    private SecretSealer Sealer(string keys) => new(MasterKey.Load(
        new ConfigurationBuilder().AddInMemoryCollection([new(MasterKey.Setting, keys)]).Build(),
        new DataDirectory(Options.Create(new StorageOptions { DataDirectory = _directory }), NullLogger<DataDirectory>.Instance)));
}
