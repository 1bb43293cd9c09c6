using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin;

/// <summary>What is answered where something is refused, or nothing can be read or changed for the moment, whoever asked for it.</summary>
internal sealed class StorageFailureHandler(IDatabaseSystem system, StorageMonitor storage)
{
    public static readonly EdgeError DatabaseAway = EdgeError.Unavailable("The edge's database does not answer at the moment.");

    private static readonly EdgeError Busy = EdgeError.Unavailable("The edge has more to read at the moment than it lets itself. Try again, or ask for a shorter time.");

    public static readonly EdgeError OthersInTheWay = new(ErrorKind.Conflict, "Others are changing the same things at the moment, and nothing has been done. Try again.")
    {
        IsFinal = false,
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    /// <summary>What to answer where a service of the administration, or the database below it, has thrown this. Null: it is a fault, and passes.</summary>
    public EdgeError? Explain(Exception exception) =>
        exception is RefusedException refused ? refused.Error
        : exception is DatabaseBusyException ? Busy
        : system.IsConflict(exception) ? OthersInTheWay
        : system.Explain(exception) is { IsAway: true } ? DatabaseAway
        : storage.Report(exception) ? EdgeError.Unavailable($"Nothing has been stored: {system.Name} {StorageFaults.Describe(StorageFaults.Of(exception))}.")
        : null;

    /// <summary>
    /// Runs what reads or changes, and refuses the request where that does, or where the database is in trouble. Any other exception
    /// passes, and all of them where the response has begun: cut off, it must not look complete.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="run">What it is for.</param>
    /// <returns>What that gives; the default where the request is refused.</returns>
    public async ValueTask<T?> GuardAsync<T>(HttpContext context, Func<ValueTask<T>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception exception) when (!context.Response.HasStarted && Explain(exception) is { } error)
        {
            await context.Refuse(error);
            return default;
        }
    }
}
