using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Cencori.Edge.Keys;

/// <summary>SHA-256 of a whole project key. It is stored and looked up instead of the key.</summary>
public readonly record struct KeyHash(ulong A, ulong B, ulong C, ulong D)
{
    public const int Size = 32;

    /// <summary>Hashes a well-formed key without heap allocation.</summary>
    public static KeyHash Of(ReadOnlySpan<char> key)
    {
        Span<byte> text = stackalloc byte[ProjectKey.MaxLength];
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(text[..Encoding.ASCII.GetBytes(key, text)], hash);
        return From(hash);
    }

    public static KeyHash From(ReadOnlySpan<byte> hash) => new(
        BinaryPrimitives.ReadUInt64BigEndian(hash),
        BinaryPrimitives.ReadUInt64BigEndian(hash[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(hash[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(hash[24..]));

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, A);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), B);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(16), C);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(24), D);
        return bytes;
    }

    // The value is a cryptographic hash, so any 32 of its bits are evenly distributed.
    public override int GetHashCode() => (int)A;
}
