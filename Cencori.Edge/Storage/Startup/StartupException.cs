namespace Cencori.Edge.Storage.Startup;

/// <summary>
/// Thrown when the edge cannot start for a reason that the operator can fix. The message is one line that names the setting to change. The edge prints
/// it to standard error without a stack trace.
/// </summary>
public sealed class StartupException(string message, Exception? cause = null) : Exception(message, cause);
