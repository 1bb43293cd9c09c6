using Cencori.Edge.Pricing;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Budgets;

/// <summary>Reads the stored records of spend with a short timeout.</summary>
internal sealed partial class SpendRecords(ISpendHistory history, TimeProvider time, ILogger<SpendRecords> logger)
{
    /// <summary>How long a request waits for a database that neither replies nor fails.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly ThrottledWarning _unavailableWarning = new(time);

    /// <summary>Reads the stored spend of a budget. Null: the records cannot be read.</summary>
    public async Task<SpendSums?> ReadAsync(string projectId, string keyId, BillingMonth month)
    {
        try
        {
            // Runs on another thread, because a database driver may block the calling thread.
            var reading = Task.Run(() => history.ReadAsync(projectId, keyId.Length == 0 ? null : keyId, month.Start, month.End));
            return await reading.WaitAsync(Timeout, time);
        }
        catch (Exception exception)
        {
            if (_unavailableWarning.IsDue())
            {
                Log.CannotRead(logger, exception, projectId);
            }

            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(90, LogLevel.Error, "The spend of project {ProjectId} in this month cannot be read. Its budgets use the spend in this edge's memory; an enforced budget of unknown spend refuses requests. Logged at most once a minute.", EventName = "SpendNotRead")]
        public static partial void CannotRead(ILogger logger, Exception exception, string projectId);
    }
}
