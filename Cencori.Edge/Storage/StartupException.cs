namespace Cencori.Edge.Storage;

/// <summary>
/// The edge cannot start, and the operator can mend it. The message is one line that names the setting to change; it is
/// printed to standard error as it stands, without a stack trace.
/// </summary>
public sealed class StartupException(string message, Exception? cause = null) : Exception(message, cause);
