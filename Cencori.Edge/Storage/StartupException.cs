namespace Cencori.Edge.Storage;

/// <summary>
/// The edge cannot start, and the operator can fix it. The message is one line that names the setting to change. It is printed to standard error
/// without a stack trace.
/// </summary>
public sealed class StartupException(string message, Exception? cause = null) : Exception(message, cause);
