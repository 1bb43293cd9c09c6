using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Keys;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>
/// The administrator's token: <c>Admin:Token</c>, else what that was when it was last set, else one that is generated at the first start.
/// Only its SHA-256 is kept, in the database, so that every edge on it knows the same token, and none before it is good again.
/// </summary>
public sealed class AdminToken(IDbContextFactory<EdgeDbContext> contexts, IConfiguration configuration)
{
    public const string Setting = "Admin:Token";

    /// <summary>Shortest configured token, in characters.</summary>
    public const int MinLength = 16;

    private const string HashSetting = "admin_token_sha256";
    private const string Prefix = "cadm_";

    private byte[] _hash = [];

    /// <summary>Names the token that is good, and tells nothing of it.</summary>
    public string Mark => Convert.ToHexStringLower(SHA256.HashData(_hash))[..16];

    // A start may fail after this was stored, and be tried again; it has not been shown then.
    private string? _generated;

    /// <summary>Makes the token known to <see cref="Matches"/>.</summary>
    /// <returns>The token, where this start has generated it; it is shown now or never.</returns>
    /// <exception cref="StartupException">The configured token is too short to be safe, or a project key.</exception>
    public async Task<string?> LoadAsync()
    {
        var configured = configuration[Setting] is { Length: > 0 } set ? set : null;
        if (configured?.Length < MinLength)
        {
            throw new StartupException($"{Setting}: at least {MinLength} characters, please. Make one with: openssl rand -hex 24");
        }

        if (configured is not null && ProjectKey.IsWellFormed(configured))
        {
            throw new StartupException($"{Setting}: this has the form of a project key, which is never taken for the admin token. Make one with: openssl rand -hex 24");
        }

        await using var database = await contexts.CreateDbContextAsync();
        var stored = await database.Settings.FindAsync(HashSetting);
        if (configured is not null)
        {
            _hash = Hash(configured);
            await KeepAsync(database, stored);
            return null;
        }

        if (stored is not null)
        {
            _hash = Convert.FromHexString(stored.Value);
            return _generated is not null && Matches(_generated) ? _generated : null;
        }

        _generated ??= Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        _hash = Hash(_generated);
        await KeepAsync(database, stored);
        return _generated;
    }

    /// <summary>Compares in a time that tells nothing about the token: hashes have one length, and all bytes are looked at.</summary>
    public bool Matches(ReadOnlySpan<char> presented) => CryptographicOperations.FixedTimeEquals(Hash(presented), _hash);

    private async Task KeepAsync(EdgeDbContext database, SettingRecord? stored)
    {
        var hash = Convert.ToHexStringLower(_hash);
        if (stored is null)
        {
            database.Settings.Add(new SettingRecord { Name = HashSetting, Value = hash });
        }
        else
        {
            stored.Value = hash;
        }

        await database.SaveChangesAsync();
    }

    private static byte[] Hash(ReadOnlySpan<char> token) => SHA256.HashData(Encoding.UTF8.GetBytes(token.ToArray()));
}
