using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cencori.Edge.Policies;

/// <summary>Remembers texts without findings. Each turn of a conversation sends all earlier texts again, and only new ones have to be scanned.</summary>
/// <remarks>Fixed size, shared by all projects: a newer text replaces an older one. Holds only hashes under a key of this process, never a text.</remarks>
internal sealed class CleanTextCache
{
    /// <summary>Length in bytes of the shortest text that is cached. Shorter texts are cheaper to scan than to look up.</summary>
    public const int Shortest = 1024;

    private const int Places = 32 * 1024;
    private const int KeyBytes = 32;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(KeyBytes);
    private readonly UInt128[] _hashes = new UInt128[Places];

    /// <summary>The hash that identifies a text.</summary>
    /// <param name="text">The raw bytes from the body.</param>
    /// <param name="rules">The rules that scanned it: <see cref="PolicySet.Digest"/>.</param>
    /// <param name="variant">A number that is different for each way of scanning and each subset of the rules.</param>
    public UInt128 HashOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> rules, byte variant)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> inner = stackalloc byte[SHA256.HashSizeInBytes + SHA256.HashSizeInBytes + 1];
        SHA256.HashData(text, inner);
        rules.CopyTo(inner[SHA256.HashSizeInBytes..]);
        inner[^1] = variant;
        HMACSHA256.HashData(_key, inner, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    public bool Has(UInt128 hash) => _hashes[PlaceOf(hash)] == hash;

    public void Add(UInt128 hash) => _hashes[PlaceOf(hash)] = hash;

    private static int PlaceOf(UInt128 hash) => (int)((ulong)hash % Places);
}
