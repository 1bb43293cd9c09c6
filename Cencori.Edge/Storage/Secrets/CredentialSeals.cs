using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage.Secrets;

/// <summary>Binds a sealed credential to its row. If someone copies it into another row, even of the same project and provider, the edge cannot open it.</summary>
/// <remarks>
/// Earlier versions allowed one credential per project and provider, and did not include the row's id. The start that migrates the database seals
/// such rows again. Requests never accept the old form, so that nobody can choose the weaker form by changing a row.
/// </remarks>
public static class CredentialSeals
{
    // Name of the setting that the migration writes if rows of the old form exist.
    internal const string SettingName = "old_credential_seals";

    /// <summary>The owner text of a sealed credential (see <see cref="SecretSealer"/>). It identifies the credential's row.</summary>
    public static string OwnerOf(ProviderKeyRecord row) => $"{LegacyOwnerOf(row)}|{row.Id}";

    /// <summary>A hash that changes when the credential is sealed again or its address changes. It hashes the ciphertext, so it reveals nothing about the credential.</summary>
    public static string VersionOf(ProviderKeyRecord row) => Convert.ToHexStringLower(SHA256.HashData([.. row.SealedKey, .. Encoding.UTF8.GetBytes(row.BaseUrl ?? "")]).AsSpan(0, 6));

    /// <summary>Seals rows of the old form again. Must run at the start, while no other edge runs, after the check that all master keys are present.</summary>
    public static async Task RenewAsync(EdgeDbContext database, SecretSealer sealer)
    {
        if (await database.Settings.FindAsync(SettingName) is not { } old)
        {
            return;
        }

        foreach (var row in await database.ProviderKeys.ToListAsync())
        {
            Renew(row, sealer);
        }

        // Removed in the same transaction that seals the rows: after an interruption, the next start repeats the whole work.
        database.Settings.Remove(old);
        await database.SaveChangesAsync();
    }

    private static void Renew(ProviderKeyRecord row, SecretSealer sealer)
    {
        try
        {
            row.SealedKey = sealer.Seal(sealer.OpenBytes(row.SealedKey, row.SealKeyId, LegacyOwnerOf(row)), OwnerOf(row));
            row.SealKeyId = sealer.SealKeyId;
        }
        catch (CryptographicException)
        {
            // This row could not be opened before either. A request that needs its credential gets an error.
        }
    }

    private static string LegacyOwnerOf(ProviderKeyRecord row) => $"{row.ProjectId}|{row.Provider}|{row.Environment}";
}
