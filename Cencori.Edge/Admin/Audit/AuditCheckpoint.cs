using System.Globalization;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Audit;

/// <summary>A place in the chain that is kept beside it, as a setting: the last row of all, or the last that retention took.</summary>
/// <param name="Id">Of that row; 0: before the first.</param>
/// <param name="Mac">Its.</param>
internal readonly record struct AuditCheckpoint(long Id, byte[] Mac)
{
    public const string Head = "audit_head";
    public const string Anchor = "audit_anchor";

    public static AuditCheckpoint None { get; } = new(0, AuditChain.Beginning);

    /// <summary>Null: there is none, or it cannot be read. Where <paramref name="isTrue"/> is false it was written under a master key that is not there, or by somebody who has none.</summary>
    public static AuditCheckpoint? Read(SettingRecord? setting, AuditChain chain, out bool isTrue)
    {
        isTrue = true;
        if (setting?.Value is not { Length: > 0 } value)
        {
            return null;
        }

        isTrue = false;
        if (value.Split(' ') is not [var id, var mac, var keyId, var own] || !long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        byte[] read;
        try
        {
            read = Convert.FromHexString(mac);
        }
        catch (FormatException)
        {
            return null;
        }

        isTrue = chain.IsTrue(setting.Name, number, read, keyId, own);
        return new AuditCheckpoint(number, read);
    }

    public string Write(string name, AuditChain chain) =>
        string.Create(CultureInfo.InvariantCulture, $"{Id} {Convert.ToHexStringLower(Mac)} {chain.KeyId} {Convert.ToHexStringLower(chain.MacOf(name, Id, Mac, chain.KeyId))}");

    /// <summary>Nobody else adds a row before the transaction is over: whoever has written to a row keeps others from it.</summary>
    public static async Task<SettingRecord> LockAsync(EdgeDbContext database, string name, CancellationToken cancellation)
    {
        if (await database.Settings.Where(row => row.Name == name).ExecuteUpdateAsync(row => row.SetProperty(setting => setting.Value, setting => setting.Value), cancellation) == 0)
        {
            // Of two who find none, one fails, and begins again.
            return database.Settings.Add(new SettingRecord { Name = name, Value = "" }).Entity;
        }

        return await database.Settings.SingleAsync(row => row.Name == name, cancellation);
    }
}
