using Cencori.Edge.Pricing;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Budgets;

/// <summary>The stored records, for who cannot wait for them long.</summary>
internal sealed partial class SpendRecords(ISpendHistory history, TimeProvider time, ILogger<SpendRecords> logger)
{
    /// <summary>How long a request waits for a database that neither answers nor fails.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly ThrottledWarning _away = new(time);

    /// <summary>Null where the records cannot be read.</summary>
    public async Task<SpendSums?> ReadAsync(string projectId, string keyId, BillingMonth month)
    {
        try
        {
            // A database driver may work synchronously.
            var reading = Task.Run(() => history.ReadAsync(projectId, keyId.Length == 0 ? null : keyId, month.Start, month.End));
            return await reading.WaitAsync(Timeout, time);
        }
        catch (Exception exception)
        {
            if (_away.IsDue())
            {
                Log.CannotRead(logger, exception, projectId);
            }

            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(90, LogLevel.Error, "What project {ProjectId} has spent this month cannot be read; its budgets go on from what this edge remembers, and an enforced one of which it remembers nothing refuses. Told once a minute at most.", EventName = "SpendNotRead")]
        public static partial void CannotRead(ILogger logger, Exception exception, string projectId);
    }
}
