using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage;

/// <summary>Binds a sealed credential to its own row: exchanged for another, even of the same project and provider, it does not open.</summary>
/// <remarks>
/// When a project could have one credential with a provider only, the row's id was not part of it. Rows of that time are sealed anew once, at the
/// start that brings the database along; no request ever opens the old form. So it is not what stands in a row that decides which form holds.
/// </remarks>
public static class CredentialSeals
{
    // The migration writes it where there are rows of the old form.
    internal const string SettingName = "old_credential_seals";

    /// <summary>Whom a sealed credential belongs to; it opens for nobody else.</summary>
    public static string OwnerOf(ProviderKeyRecord row) => $"{OldOwnerOf(row)}|{row.Id}";

    /// <summary>Another one whenever it is sealed anew or goes elsewhere. A sealed credential is never the same twice, so that this says nothing of it.</summary>
    public static string VersionOf(ProviderKeyRecord row) => Convert.ToHexStringLower(SHA256.HashData([.. row.SealedKey, .. Encoding.UTF8.GetBytes(row.BaseUrl ?? "")]).AsSpan(0, 6));

    /// <summary>To be called at the start, with no other edge beside it, when it is certain that all master keys are there.</summary>
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

        // With the rows, in one transaction: cut off, the next start does it all.
        database.Settings.Remove(old);
        await database.SaveChangesAsync();
    }

    private static void Renew(ProviderKeyRecord row, SecretSealer sealer)
    {
        try
        {
            row.SealedKey = sealer.Seal(sealer.OpenBytes(row.SealedKey, row.SealKeyId, OldOwnerOf(row)), OwnerOf(row));
            row.SealKeyId = sealer.SealKeyId;
        }
        catch (CryptographicException)
        {
            // It was worth nothing before, and whoever needs it is told so.
        }
    }

    private static string OldOwnerOf(ProviderKeyRecord row) => $"{row.ProjectId}|{row.Provider}|{row.Environment}";
}
