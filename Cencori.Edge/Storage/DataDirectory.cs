using Microsoft.Extensions.Options;

namespace Cencori.Edge.Storage;

/// <summary>The directory of <c>Storage:DataDirectory</c>: made when missing, and known to be writable.</summary>
public sealed class DataDirectory
{
    private readonly string _path;

    /// <exception cref="StartupException">The directory cannot be made or written to.</exception>
    public DataDirectory(IOptions<StorageOptions> options)
    {
        try
        {
            _path = Path.GetFullPath(options.Value.DataDirectory);
            Directory.CreateDirectory(_path);

            // In containers on one volume every edge is process 1.
            var probe = Path.Combine(_path, $".writable-{Path.GetRandomFileName()}");
            using var file = new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new StartupException($"Storage:DataDirectory: cannot write to '{options.Value.DataDirectory}': {exception.Message}", exception);
        }
    }

    public string DatabaseFile => Path.Combine(_path, "edge.db");

    public string LockFile => Path.Combine(_path, "edge.lock");

    public string MasterKeyFile => Path.Combine(_path, "master.key");

    /// <summary>Made when something is to be put there.</summary>
    public string SpoolDirectory => Path.Combine(_path, "spool");
}
