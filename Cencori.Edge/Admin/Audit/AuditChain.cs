using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Audit;

/// <summary>
/// Chains the rows: each row has a keyed hash over itself and the hash of the row before. Without the master key, nobody can change or remove
/// a row unnoticed.
/// </summary>
internal sealed class AuditChain(SecretSealer sealer)
{
    private const string Purpose = "audit";

    private readonly Lock _lock = new();

    // Derived keys by master key id. Master keys are few, so nothing is evicted.
    private readonly Dictionary<string, byte[]> _keys = [];

    /// <summary>The hash before the first row.</summary>
    public static byte[] Beginning { get; } = new byte[HMACSHA256.HashSizeInBytes];

    /// <summary>Id of the master key for new rows.</summary>
    public string KeyId => sealer.SealKeyId;

    /// <param name="row">The row; its own MAC is not read.</param>
    /// <param name="before">MAC of the row before.</param>
    /// <exception cref="CryptographicException">The row's master key is not configured.</exception>
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

    /// <summary>MAC of a mark that is stored beside the chain: its begin or its end.</summary>
    public byte[] MacOf(string what, long id, byte[] mac, string keyId)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, KeyOf(keyId));
        Append(hash, what);
        Append(hash, id);
        hash.AppendData(mac);
        return hash.GetHashAndReset();
    }

    /// <summary>Whether a mark was written under the master key that it names.</summary>
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

    // The length prefix makes the encoding unambiguous: no two rows have the same bytes.
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
