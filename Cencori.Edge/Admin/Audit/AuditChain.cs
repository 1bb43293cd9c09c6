using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Audit;

/// <summary>
/// What ties each row to the one before it: a keyed hash over both. Without the master key nobody can change a row, or take one out, so
/// that the rest still fits.
/// </summary>
internal sealed class AuditChain(SecretSealer sealer)
{
    private const string Purpose = "audit";

    private readonly Lock _lock = new();

    // Keys are derived once; master keys are few.
    private readonly Dictionary<string, byte[]> _keys = [];

    /// <summary>Before the first row of all.</summary>
    public static byte[] Beginning { get; } = new byte[HMACSHA256.HashSizeInBytes];

    /// <summary>The master key that new rows are under.</summary>
    public string KeyId => sealer.SealKeyId;

    /// <param name="row">Without its own.</param>
    /// <param name="before">Of the row before it.</param>
    /// <exception cref="CryptographicException">The row is under a master key that is not there.</exception>
    public byte[] MacOf(AuditRecord row, byte[] before)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, KeyOf(row.SealKeyId));
        hash.AppendData(before);
        Append(hash, row.Id);
        Append(hash, row.At.ToUnixTimeMilliseconds());
        foreach (var text in (ReadOnlySpan<string?>)[row.Actor, row.Address, row.Action, row.ProjectId, row.ObjectId, row.Before, row.After, row.Result, row.SealKeyId])
        {
            Append(hash, text);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Of a place in the chain, which stands beside it: where it begins, or where it ends.</summary>
    public byte[] MacOf(string what, long id, byte[] mac, string keyId)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, KeyOf(keyId));
        Append(hash, what);
        Append(hash, id);
        hash.AppendData(mac);
        return hash.GetHashAndReset();
    }

    /// <summary>Whether a place in the chain was written under the master key that it names.</summary>
    public bool IsTrue(string what, long id, byte[] mac, string keyId, string own)
    {
        try
        {
            return CryptographicOperations.FixedTimeEquals(MacOf(what, id, mac, keyId), Convert.FromHexString(own));
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            return false;
        }
    }

    // With its length in front, so that no two rows have the same bytes.
    private static void Append(IncrementalHash hash, string? text)
    {
        var bytes = Encoding.UTF8.GetBytes(text ?? "");
        Append(hash, text is null ? -1 : bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Append(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }

    private byte[] KeyOf(string keyId)
    {
        lock (_lock)
        {
            return _keys.TryGetValue(keyId, out var key) ? key : _keys[keyId] = sealer.Derive(keyId, Purpose);
        }
    }
}
