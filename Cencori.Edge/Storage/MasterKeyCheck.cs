using System.Text.RegularExpressions;

namespace Cencori.Edge.Storage;

/// <summary>Stops an edge that lacks the master key of its database: it could not open stored secrets, and other edges could not open those that it seals.</summary>
public static partial class MasterKeyCheck
{
    /// <summary>Prefix of a sealed secret inside a document. The id of its key, a colon and the sealed value follow.</summary>
    internal const string PrefixInDocuments = "sealed:";

    internal const string SettingName = "seal_key_id";

    /// <exception cref="StartupException">This edge does not have the key.</exception>
    public static async Task CheckAsync(EdgeDbContext database, IDatabaseSystem system, SecretSealer sealer)
    {
        var ids = await database.ReadTextAsync(
            """SELECT "SealKeyId" FROM "provider_keys" UNION SELECT "SealKeyId" FROM "budgets" WHERE "SealKeyId" IS NOT NULL""");
        var policies = await database.ReadTextAsync("""SELECT "Policies" FROM "projects" WHERE "Policies" LIKE '%"secret":"sealed:%'""");
        ids.AddRange(policies.SelectMany(document => SealedSecret().Matches(document)).Select(secret => secret.Groups[1].Value).Distinct());
        if (ids.Find(id => !sealer.Knows(id)) is { } unknown)
        {
            throw new StartupException(
                $"{MasterKey.Setting}: stored secrets are sealed under key '{unknown}', which is not among the configured keys. Restore that key, or add it after the new one, separated by a comma.");
        }

        if (system.IsShared)
        {
            await RecordAsync(database, system, sealer);
        }
    }

    // Recorded before any secret exists: edges with different generated keys would otherwise notice only after each has sealed secrets.
    private static async Task RecordAsync(EdgeDbContext database, IDatabaseSystem system, SecretSealer sealer)
    {
        var recorded = await database.Settings.FindAsync(SettingName);
        if (recorded is null)
        {
            database.Settings.Add(new SettingRecord { Name = SettingName, Value = sealer.SealKeyId });
        }
        else if (!sealer.Knows(recorded.Value))
        {
            throw new StartupException(
                $"{MasterKey.Setting}: {system.Name} is used with key '{recorded.Value}', which is not among the keys of this edge. Give every edge on this database the same {MasterKey.Setting}.");
        }
        else
        {
            recorded.Value = sealer.SealKeyId;
        }

        await database.SaveChangesAsync();
    }

    // The pattern cannot match inside a text value, because quotes there are escaped.
    [GeneratedRegex("""
        "secret":"sealed:([^:"]*):
        """)]
    private static partial Regex SealedSecret();
}
