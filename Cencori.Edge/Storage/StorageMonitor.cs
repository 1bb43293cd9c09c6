using System.Diagnostics.Metrics;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage;

/// <summary>
/// Tracks whether the data directory and the database can be written to. Writers report failures. After the first report, the monitor tries a write every
/// <see cref="RetryInterval"/> until one succeeds.
/// </summary>
public sealed partial class StorageMonitor
{
    public const string GaugeName = "cencori.edge.storage.writable";

    /// <summary>Time between two test writes.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    // Smallest free space, in bytes, at which the edge still stores data: room for some records.
    private const int MinFreeBytes = 64 * 1024;

    private readonly IDbContextFactory<EdgeDbContext> _contexts;
    private readonly DataDirectory _directory;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<StorageMonitor> _logger;
    private readonly ThrottledWarning _warning;
    private int _fault;
    private bool _isLogged;

    public StorageMonitor(
        IDbContextFactory<EdgeDbContext> contexts, DataDirectory directory, IMeterFactory meters, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<StorageMonitor> logger)
    {
        (_contexts, _directory, _time, _lifetime, _logger, _warning) = (contexts, directory, time, lifetime, logger, new(time));
        meters.Create(EdgeTelemetry.MeterName).CreateObservableGauge(
            GaugeName, () => Fault == StorageFault.None ? 1 : 0, null, "1 while the data directory and the database can be written to, 0 while they are full or read-only.");
    }

    /// <summary>The fault that writers have reported. <see cref="StorageFault.None"/>: writes succeed.</summary>
    public StorageFault Fault => (StorageFault)Volatile.Read(ref _fault);

    /// <summary>Like <see cref="Fault"/>, but also checks the free space: an edge that writes nothing would not notice a full disk.</summary>
    public StorageFault Check()
    {
        if (Fault == StorageFault.None && _directory.FreeBytes < MinFreeBytes)
        {
            Begin(StorageFault.Full);
        }

        return Fault;
    }

    /// <summary>Reports an exception that ended a write.</summary>
    /// <returns>True when the exception is a fault of the storage.</returns>
    public bool Report(Exception exception)
    {
        var fault = StorageFaults.Of(exception);
        if (fault != StorageFault.None)
        {
            Begin(fault);
        }

        return fault != StorageFault.None;
    }

    private void Begin(StorageFault fault)
    {
        if (Interlocked.CompareExchange(ref _fault, (int)fault, (int)StorageFault.None) == (int)StorageFault.None)
        {
            _isLogged = _warning.IsDue();
            if (_isLogged)
            {
                Log.CannotStore(_logger, StorageFaults.Describe(fault));
            }

            _ = WatchAsync(_lifetime.ApplicationStopping);
        }
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        do
        {
            await Task.Delay(RetryInterval, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (!stopping.IsCancellationRequested && !await TryWriteAsync());

        Volatile.Write(ref _fault, (int)StorageFault.None);
        if (_isLogged && !stopping.IsCancellationRequested)
        {
            Log.CanStore(_logger);
        }
    }

    private async Task<bool> TryWriteAsync()
    {
        try
        {
            if (_directory.FreeBytes < MinFreeBytes)
            {
                return false;
            }

            _directory.TestWrite(MinFreeBytes);

            // Deletes the test row at once. If the deletion fails, the next test replaces the row.
            await using var database = await _contexts.CreateDbContextAsync();
            var text = new string(' ', MinFreeBytes);
            await database.Database.ExecuteSqlAsync(
                $"""INSERT INTO "settings" ("Name", "Value") VALUES ('room', {text}) ON CONFLICT ("Name") DO UPDATE SET "Value" = excluded."Value" """);
            await database.Database.ExecuteSqlAsync($"""DELETE FROM "settings" WHERE "Name" = 'room'""");
            return true;
        }
        catch (Exception exception)
        {
            // An unreachable database is not a storage fault. The health check "database" reports it.
            return StorageFaults.Of(exception) == StorageFault.None;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(15, LogLevel.Error, "Nothing can be stored, because the data directory or the database {Reason}. Requests are still served, but records that cannot be stored are dropped. The edge tries again every second.", EventName = "CannotStore")]
        public static partial void CannotStore(ILogger logger, string reason);

        [LoggerMessage(16, LogLevel.Information, "The data directory and the database can be written to again.", EventName = "CanStore")]
        public static partial void CanStore(ILogger logger);
    }
}
