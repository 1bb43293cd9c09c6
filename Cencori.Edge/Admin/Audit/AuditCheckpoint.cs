using System.Globalization;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Audit;

/// <summary>
/// A position in the chain of audit rows, stored as a setting. <see cref="Head"/>: the newest row. <see cref="Anchor"/>: the last row that
/// <see cref="AuditRetention"/> deleted.
/// </summary>
/// <param name="Id">Id of the row. 0: the position is before the first row.</param>
/// <param name="Mac">MAC of the row.</param>
internal readonly record struct AuditCheckpoint(long Id, byte[] Mac)
{
    public const string Head = "audit_head";
    public const string Anchor = "audit_anchor";

    public static AuditCheckpoint None { get; } = new(0, AuditChain.Beginning);

    /// <summary>
    /// Reads a checkpoint. Null: there is none, or it is unreadable. <paramref name="isAuthentic"/> is false if the checkpoint is
    /// unreadable, or if its MAC is not valid: its master key is not configured, or somebody changed it without the master key.
    /// </summary>
    public static AuditCheckpoint? Read(SettingRecord? setting, AuditChain chain, out bool isAuthentic)
    {
        isAuthentic = true;
        if (setting?.Value is not { Length: > 0 } value)
        {
            return null;
        }

        isAuthentic = false;
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

        isAuthentic = chain.IsAuthentic(setting.Name, number, read, keyId, own);
        return new AuditCheckpoint(number, read);
    }

    public string Write(string name, AuditChain chain) =>
        string.Create(CultureInfo.InvariantCulture, $"{Id} {Convert.ToHexStringLower(Mac)} {chain.KeyId} {Convert.ToHexStringLower(chain.MacOf(name, Id, Mac, chain.KeyId))}");

    /// <summary>Locks the row of a checkpoint in the table of settings until the transaction ends. Concurrent transactions that lock the same row wait.</summary>
    /// <returns>The row. Its value is empty if there is no checkpoint yet.</returns>
    public static async Task<SettingRecord> LockAsync(EdgeDbContext database, string name, CancellationToken cancellation)
    {
        if (!await TryHoldAsync(database, name, cancellation))
        {
            // If two edges insert this settings row at the same time, one insert fails, and the transaction with the failed insert is retried.
            return database.Settings.Add(new SettingRecord { Name = name, Value = "" }).Entity;
        }

        return await database.Settings.SingleAsync(row => row.Name == name, cancellation);
    }

    /// <summary>Like <see cref="LockAsync"/>, without reading or adding the row. False: there is no such row, and nothing is locked.</summary>
    public static async Task<bool> TryHoldAsync(EdgeDbContext database, string name, CancellationToken cancellation) =>
        await database.Settings.Where(row => row.Name == name).ExecuteUpdateAsync(row => row.SetProperty(setting => setting.Value, setting => setting.Value), cancellation) > 0;
}
