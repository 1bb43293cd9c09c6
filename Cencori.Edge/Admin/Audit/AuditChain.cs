using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;

namespace Cencori.Edge.Admin.Audit;

/// <summary>
/// Computes the keyed hashes (MACs) of the audit log. The MAC of a row covers the row and the MAC of the row before. Without the master key, nobody can change or remove
/// a row unnoticed.
/// </summary>
internal sealed class AuditChain(SecretSealer sealer)
{
    private const string Purpose = "audit";

    private readonly Lock _lock = new();

    // MAC keys by the id of the master key from which they are derived. There are few master keys, so none is removed.
    private readonly Dictionary<string, byte[]> _keys = [];

    /// <summary>Replaces the MAC of the previous row when the MAC of the first row is computed.</summary>
    public static byte[] Beginning { get; } = new byte[HMACSHA256.HashSizeInBytes];

    /// <summary>Id of the master key for new rows.</summary>
    public string KeyId => sealer.SealKeyId;

    /// <param name="row">The row. Its member for the MAC is not read.</param>
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

    /// <summary>Computes the MAC of an <see cref="AuditCheckpoint"/>, which stores the start or the end of the chain.</summary>
    public byte[] MacOf(string what, long id, byte[] mac, string keyId)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, KeyOf(keyId));
        Append(hash, what);
        Append(hash, id);
        hash.AppendData(mac);
        return hash.GetHashAndReset();
    }

    /// <summary>Whether the MAC of an <see cref="AuditCheckpoint"/> is valid under the master key that the checkpoint names.</summary>
    public bool IsAuthentic(string what, long id, byte[] mac, string keyId, string own)
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

    // Each text is preceded by its length, so that two different rows never yield the same bytes.
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
