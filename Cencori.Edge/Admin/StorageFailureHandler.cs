using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Admin;

/// <summary>Maps <see cref="RefusedException"/> and database failures to errors, for the API and the dashboard.</summary>
internal sealed class StorageFailureHandler(IDatabaseSystem system, StorageMonitor storage)
{
    public static readonly EdgeError DatabaseUnavailable = EdgeError.Unavailable("The edge's database does not respond at the moment.");

    private static readonly EdgeError Busy = EdgeError.Unavailable("The edge has reached its limit of database reads at the moment. Try again, or ask for a shorter period.");

    public static readonly EdgeError ConcurrentChanges = new(ErrorKind.Conflict, "Other changes to the same objects are in progress, and nothing has been changed. Try again.")
    {
        IsFinal = false,
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    /// <summary>
    /// Returns the error for an exception of an administration service or the database. Null: the exception is unknown (a bug), and the caller rethrows
    /// it.
    /// </summary>
    public EdgeError? Explain(Exception exception) =>
        exception is RefusedException refused ? refused.Error
        : exception is DatabaseBusyException ? Busy
        : system.IsConflict(exception) ? ConcurrentChanges
        : system.Explain(exception) is { IsTransient: true } ? DatabaseUnavailable
        : storage.Report(exception) ? EdgeError.Unavailable($"Nothing has been stored: {system.Name} {StorageFaults.Describe(StorageFaults.Of(exception))}.")
        : null;

    /// <summary>
    /// Runs an operation, and refuses the request if the operation throws <see cref="RefusedException"/>, or if the database fails. Any other exception
    /// is not caught. After the response has begun, no exception is caught: a cut-off response must not look complete.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="run">The operation.</param>
    /// <returns>The result of the operation, or the default value if the request is refused.</returns>
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
