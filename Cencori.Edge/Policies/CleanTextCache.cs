using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cencori.Edge.Policies;

/// <summary>Remembers in which texts nothing was found. A conversation is sent again as a whole with each turn, and only what is new in it has to be looked at.</summary>
/// <remarks>Of fixed size, for all projects together: a newer text takes the place of an older one. It holds hashes under a key of this process, never a text.</remarks>
internal sealed class CleanTextCache
{
    /// <summary>Bytes below which looking at a text costs less than to look it up.</summary>
    public const int Shortest = 1024;

    private const int Places = 32 * 1024;
    private const int KeyBytes = 32;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(KeyBytes);
    private readonly UInt128[] _hashes = new UInt128[Places];

    /// <summary>What a text is known by.</summary>
    /// <param name="text">As it stands in the body.</param>
    /// <param name="rules">What was looked for in it: <see cref="PolicySet.Digest"/>.</param>
    /// <param name="how">Another number where it was looked at in another way, or with others of the rules.</param>
    public UInt128 HashOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> rules, byte how)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> inner = stackalloc byte[SHA256.HashSizeInBytes + SHA256.HashSizeInBytes + 1];
        SHA256.HashData(text, inner);
        rules.CopyTo(inner[SHA256.HashSizeInBytes..]);
        inner[^1] = how;
        HMACSHA256.HashData(_key, inner, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    public bool Has(UInt128 hash) => _hashes[PlaceOf(hash)] == hash;

    public void Add(UInt128 hash) => _hashes[PlaceOf(hash)] = hash;

    private static int PlaceOf(UInt128 hash) => (int)((ulong)hash % Places);
}
