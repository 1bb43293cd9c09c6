using Microsoft.Extensions.Options;

namespace Cencori.Edge.Storage;

/// <summary>
/// The directory of <c>Storage:DataDirectory</c>: made when missing, known to be writable, and for nobody but the user that the edge runs as.
/// </summary>
public sealed partial class DataDirectory
{
    internal const string DatabaseName = "edge.db";
    internal const string MasterKeyName = "master.key";

    private static readonly TimeSpan LockRetryInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(60);

    private readonly string _path;
    private readonly string _setting;

    /// <exception cref="StartupException">The directory cannot be made or written to.</exception>
    public DataDirectory(IOptions<StorageOptions> options, ILogger<DataDirectory> logger)
    {
        _setting = $"{StorageOptions.Section}:{nameof(StorageOptions.DataDirectory)}";
        try
        {
            _path = Path.GetFullPath(options.Value.DataDirectory);
            PrivateFiles.CreateDirectory(_path);

            TryOut(bytes: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new StartupException($"{_setting}: cannot write to '{options.Value.DataDirectory}': {exception.Message}", exception);
        }

        Narrow(logger);
    }

    public string FullPath => _path;

    /// <summary>An edge has run here that had its data in PostgreSQL.</summary>
    public bool IsOfPostgres => File.Exists(ProviderFile);

    public string DatabaseFile => Path.Combine(_path, DatabaseName);

    public string MasterKeyFile => Path.Combine(_path, MasterKeyName);

    /// <summary>What the edge's user may still fill, so far as the system tells.</summary>
    public long FreeBytes
    {
        get
        {
            try
            {
                // Some systems tell nothing.
                return new DriveInfo(_path) is { TotalSize: > 0 } drive ? drive.AvailableFreeSpace : long.MaxValue;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return long.MaxValue;
            }
        }
    }

    /// <summary>Made when something is to be put there.</summary>
    public string SpoolDirectory => Path.Combine(_path, "spool");

    private string ProviderFile => Path.Combine(_path, "edge.provider");

    // Held for a moment by who makes something that all edges here must have the same of.
    private string LockFile => Path.Combine(_path, "edge.lock");

    // Held by edges for as long as they run.
    private string OwnerFile => Path.Combine(_path, "edge.owner");

    /// <summary>Waits until no other edge makes anything here, and keeps others out until it is disposed of. By the clock of the machine.</summary>
    /// <exception cref="StartupException">Another edge keeps it for too long, or the file cannot be made.</exception>
    public async Task<IAsyncDisposable> LockAsync(CancellationToken cancellation)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                // It stays when the lock is given back: another edge may have opened it already and be about to lock it.
                return PrivateFiles.Open(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException exception) when (PrivateFiles.IsTaken(exception))
            {
                if (TimeProvider.System.GetElapsedTime(startedAt) > LockTimeout)
                {
                    throw new StartupException($"{_setting}: cannot lock '{LockFile}', as if another edge had been starting there for {LockTimeout.TotalSeconds:0} s: {exception.Message}", exception);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new StartupException($"{_setting}: cannot lock '{LockFile}': {exception.Message}", exception);
            }

            await Task.Delay(LockRetryInterval, TimeProvider.System, cancellation);
        }
    }

    /// <summary>Takes the directory for this edge until it is disposed of, or its process ends.</summary>
    /// <param name="isJoined">Others that say so, too, may have it as well.</param>
    /// <exception cref="StartupException">Another edge has it.</exception>
    public IDisposable Own(bool isJoined)
    {
        try
        {
            return isJoined
                ? PrivateFiles.Open(OwnerFile, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read)
                : PrivateFiles.Open(OwnerFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (PrivateFiles.IsTaken(exception))
        {
            throw new StartupException(
                $"{_setting}: another edge runs in '{_path}'. Limits would count twice, and changes come late. Give this edge a directory of its own, or give each edge there the same Redis:Configuration.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{_setting}: cannot lock '{OwnerFile}': {exception.Message}", exception);
        }
    }

    /// <summary>From now on <see cref="IsOfPostgres"/>, if that can be written.</summary>
    public void NoteProvider()
    {
        try
        {
            if (!IsOfPostgres)
            {
                using var file = PrivateFiles.Open(ProviderFile, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
                file.Write("Postgres\n"u8);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is there to help, and not worth a start.
        }
    }

    /// <summary>Writes as much there, and takes it away.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public void TryOut(int bytes)
    {
        // In containers on one volume every edge is process 1.
        var probe = Path.Combine(_path, $".writable-{Path.GetRandomFileName()}");
        using var file = new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        file.Write(new byte[bytes]);
    }

    private void Narrow(ILogger logger)
    {
        var (own, spool) = (new DirectoryInfo(_path), new DirectoryInfo(SpoolDirectory));

        // A directory such as /tmp is needed by others. What is the edge's in it is narrowed all the same.
        var isForAll = own.Parent is null || own.UnixFileMode.HasFlag(UnixFileMode.StickyBit);
        FileSystemInfo[] entries =
        [
            .. isForAll ? Array.Empty<FileSystemInfo>() : [own], .. own.EnumerateFiles("edge.*"), .. own.EnumerateFiles("master.key*"),
            spool, .. spool.Exists ? spool.EnumerateFiles() : [],
        ];
        var (narrowed, failure) = (0, (string?)null);
        foreach (var entry in entries)
        {
            try
            {
                narrowed += PrivateFiles.Narrow(entry) ? 1 : 0;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                failure ??= exception.Message;
            }
        }

        if (failure is not null)
        {
            Log.Wide(logger, _path, failure);
        }
        else if (narrowed > 0)
        {
            Log.Narrowed(logger, _path, narrowed);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(13, LogLevel.Information, "Others could get at {Path}, or at what is in it. That is over: {Count} directories and files are now for the edge's user alone.", EventName = "DataDirectoryNarrowed")]
        public static partial void Narrowed(ILogger logger, string path, int count);

        [LoggerMessage(14, LogLevel.Warning, "Others can get at {Path}, or at what is in it, and the edge cannot change that: {Reason}", EventName = "DataDirectoryWide")]
        public static partial void Wide(ILogger logger, string path, string reason);
    }
}
