using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Storage.Startup;

namespace Cencori.Edge.Storage.Secrets;

/// <summary>A 256-bit key that seals (encrypts and authenticates) stored secrets. Sealed values store the id of their key.</summary>
public sealed class MasterKey
{
    public const string Setting = "Secrets:MasterKey";

    private const int Size = 32;

    private MasterKey(byte[] bytes)
    {
        Bytes = bytes;
        Id = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 4));
    }

    public byte[] Bytes { get; }

    /// <summary>Eight hex digits that identify the key and reveal nothing about it.</summary>
    public string Id { get; }

    /// <summary>Loads the keys of <c>Secrets:MasterKey</c>, or of the file in the data directory. Creates the file if it is missing.</summary>
    /// <exception cref="StartupException">A key is not 32 bytes of base64, or the file cannot be read.</exception>
    public static IReadOnlyList<MasterKey> Load(IConfiguration configuration, DataDirectory directory)
    {
        if (configuration[Setting] is { Length: > 0 } configured)
        {
            return Parse(configured, Setting);
        }

        var file = directory.MasterKeyFile;
        try
        {
            if (!File.Exists(file))
            {
                CreateAsync(file, directory).GetAwaiter().GetResult();
            }

            return Parse(File.ReadAllText(file), $"{Setting} (from '{file}')");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{Setting}: cannot use '{file}': {exception.Message}", exception);
        }
    }

    private static List<MasterKey> Parse(string text, string source)
    {
        var keys = new List<MasterKey>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var bytes = new byte[Size + 1];
            if (!Convert.TryFromBase64String(part, bytes, out var length) || length != Size)
            {
                throw new StartupException($"{source}: key {keys.Count + 1} is not {Size} bytes of base64. Create one with: openssl rand -base64 {Size}");
            }

            keys.Add(new MasterKey(bytes[..Size]));
        }

        return keys;
    }

    private static async Task CreateAsync(string file, DataDirectory directory)
    {
        // Creates the file under the lock: edges that start together in this directory must not each create a key.
        await using var heldLock = await directory.LockAsync(CancellationToken.None);
        if (File.Exists(file))
        {
            return;
        }

        // The complete file is renamed to its final name, because readers of the file take no lock.
        var draft = $"{file}.new";
        await using (var stream = PrivateFiles.Open(draft, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Size)) + "\n"));
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: true);
    }
}
