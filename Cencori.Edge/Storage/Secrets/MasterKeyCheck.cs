using System.Text.RegularExpressions;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Storage.Secrets;

/// <summary>
/// Stops the start of an edge without the master key of its database. Such an edge could not open stored secrets, and other edges could not open
/// the secrets that it stores.
/// </summary>
public static partial class MasterKeyCheck
{
    /// <summary>Prefix of a sealed secret inside a JSON document. The id of the master key, a colon and the sealed value follow.</summary>
    internal const string PrefixInDocuments = "sealed:";

    internal const string SettingName = "seal_key_id";

    /// <exception cref="StartupException">This edge does not have a master key that the database uses.</exception>
    public static async Task CheckAsync(EdgeDbContext database, IDatabaseSystem system, SecretSealer sealer)
    {
        var ids = await database.ReadTextAsync(
            """SELECT "SealKeyId" FROM "provider_keys" UNION SELECT "SealKeyId" FROM "budgets" WHERE "SealKeyId" IS NOT NULL""");
        var policies = await database.ReadTextAsync("""SELECT "Policies" FROM "projects" WHERE "Policies" LIKE '%"secret":"sealed:%'""");
        ids.AddRange(policies.SelectMany(document => SealedSecret().Matches(document)).Select(secret => secret.Groups[1].Value).Distinct());
        if (ids.Find(id => !sealer.HasKey(id)) is { } unknown)
        {
            throw new StartupException(
                $"{MasterKey.Setting}: stored secrets are sealed under key '{unknown}', which is not among the configured keys. Restore that key, or add it after the new one, separated by a comma.");
        }

        if (system.IsShared)
        {
            await RecordAsync(database, system, sealer);
        }
    }

    // Records the master key before any secret exists. Otherwise edges with different generated keys would notice only after each has sealed secrets.
    private static async Task RecordAsync(EdgeDbContext database, IDatabaseSystem system, SecretSealer sealer)
    {
        var recorded = await database.Settings.FindAsync(SettingName);
        if (recorded is null)
        {
            database.Settings.Add(new SettingRecord { Name = SettingName, Value = sealer.SealKeyId });
        }
        else if (!sealer.HasKey(recorded.Value))
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

    // Finds sealed secrets in documents. It cannot match inside a text value, because quotes there are escaped.
    [GeneratedRegex("""
        "secret":"sealed:([^:"]*):
        """)]
    private static partial Regex SealedSecret();
}
