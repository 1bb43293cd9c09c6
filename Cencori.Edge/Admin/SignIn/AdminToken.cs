using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Keys;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>
/// Loads and checks the admin token: the setting <c>Admin:Token</c>, or else the stored token, or else a token that is generated at the first start.
/// The database stores only its SHA-256, so that all edges share one token, and an earlier token no longer works.
/// </summary>
public sealed class AdminToken(IDbContextFactory<EdgeDbContext> contexts, IConfiguration configuration)
{
    public const string Setting = "Admin:Token";

    /// <summary>Minimum length of a configured token, in characters.</summary>
    public const int MinLength = 16;

    private const string HashSetting = "admin_token_sha256";
    private const string Prefix = "cadm_";

    private byte[] _hash = [];

    /// <summary>A text that identifies the current token without revealing it.</summary>
    public string Mark => Convert.ToHexStringLower(SHA256.HashData(_hash))[..16];

    // The generated token. A start may fail after the token was stored and before it was shown; the next try then shows this token.
    private string? _generated;

    /// <summary>Loads the token for <see cref="Matches"/>.</summary>
    /// <returns>The token, if this start generated it; it cannot be read again later. Otherwise null.</returns>
    /// <exception cref="StartupException">The configured token is too short to be safe, or a project key.</exception>
    public async Task<string?> LoadAsync()
    {
        var configured = configuration[Setting] is { Length: > 0 } set ? set : null;
        if (configured?.Length < MinLength)
        {
            throw new StartupException($"{Setting}: the token must have at least {MinLength} characters. Create one with: openssl rand -hex 24");
        }

        if (configured is not null && ProjectKey.IsWellFormed(configured))
        {
            throw new StartupException($"{Setting}: the token must not have the form of a project key. Create one with: openssl rand -hex 24");
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

    /// <summary>Compares a token in constant time, which reveals nothing about the token: hashes have one length, and all bytes are compared.</summary>
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
