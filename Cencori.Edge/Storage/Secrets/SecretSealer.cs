using System.Security.Cryptography;
using System.Text;

namespace Cencori.Edge.Storage.Secrets;

/// <summary>
/// Seals (encrypts and authenticates) stored secrets with AES-256-GCM under the master key: credentials, webhook secrets and payloads. Each value is sealed
/// for an owner: a text that names its place, such as a row. A sealed value that is copied to another project or row cannot be opened there.
/// </summary>
/// <remarks>Layout: version (1 byte), nonce (12), tag (16), ciphertext. The owner is the associated data.</remarks>
public sealed class SecretSealer(IReadOnlyList<MasterKey> keys)
{
    private const byte Version = 1;
    private const int MasterKeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int HeaderSize = 1 + NonceSize + TagSize;

    /// <summary>Id of the key that seals new values: the first one. Any of the keys can open values.</summary>
    public string SealKeyId => keys[0].Id;

    public bool HasKey(string keyId) => keys.Any(key => key.Id == keyId);

    /// <summary>Derives a 256-bit key for another purpose. The derived key reveals nothing about the master key.</summary>
    /// <param name="keyId">Id of the master key.</param>
    /// <param name="purpose">A different text for each use.</param>
    /// <exception cref="CryptographicException">There is no such master key.</exception>
    public byte[] Derive(string keyId, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Find(keyId).Bytes, MasterKeySize, info: Encoding.UTF8.GetBytes(purpose));

    public byte[] Seal(string secret, string owner) => Seal(Encoding.UTF8.GetBytes(secret), owner);

    public byte[] Seal(ReadOnlySpan<byte> plain, string owner)
    {
        var sealedBytes = new byte[HeaderSize + plain.Length];
        sealedBytes[0] = Version;
        var nonce = sealedBytes.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);

        using var aes = new AesGcm(keys[0].Bytes, TagSize);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(HeaderSize), sealedBytes.AsSpan(1 + NonceSize, TagSize), Encoding.UTF8.GetBytes(owner));
        return sealedBytes;
    }

    /// <exception cref="CryptographicException">There is no such master key, the value was sealed for another owner, or the bytes were changed.</exception>
    public string Open(byte[] sealedBytes, string keyId, string owner) => Encoding.UTF8.GetString(OpenBytes(sealedBytes, keyId, owner));

    /// <inheritdoc cref="Open"/>
    public byte[] OpenBytes(byte[] sealedBytes, string keyId, string owner)
    {
        var key = Find(keyId);
        if (sealedBytes.Length < HeaderSize || sealedBytes[0] != Version)
        {
            throw new CryptographicException("The sealed value has an unknown layout.");
        }

        var plain = new byte[sealedBytes.Length - HeaderSize];
        using var aes = new AesGcm(key.Bytes, TagSize);
        aes.Decrypt(
            sealedBytes.AsSpan(1, NonceSize),
            sealedBytes.AsSpan(HeaderSize),
            sealedBytes.AsSpan(1 + NonceSize, TagSize),
            plain,
            Encoding.UTF8.GetBytes(owner));
        return plain;
    }

    private MasterKey Find(string keyId) => keys.FirstOrDefault(key => key.Id == keyId) ?? throw new CryptographicException($"{MasterKey.Setting} has no key '{keyId}'.");
}
