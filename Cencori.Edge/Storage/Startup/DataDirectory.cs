using Cencori.Edge.Storage.Secrets;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Storage.Startup;

/// <summary>
/// The directory of <c>Storage:DataDirectory</c>. Creates it if missing, checks that it is writable, and restricts it to the user that the edge runs as.
/// </summary>
public sealed partial class DataDirectory
{
    internal const string DatabaseName = "edge.db";
    internal const string MasterKeyName = "master.key";

    private static readonly TimeSpan LockRetryInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(60);

    private readonly string _path;
    private readonly string _setting;

    /// <exception cref="StartupException">The directory cannot be created or written to.</exception>
    public DataDirectory(IOptions<StorageOptions> options, ILogger<DataDirectory> logger)
    {
        _setting = $"{StorageOptions.Section}:{nameof(StorageOptions.DataDirectory)}";
        try
        {
            _path = Path.GetFullPath(options.Value.DataDirectory);
            PrivateFiles.CreateDirectory(_path);

            TestWrite(bytes: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new StartupException($"{_setting}: cannot write to '{options.Value.DataDirectory}': {exception.Message}", exception);
        }

        RestrictAccess(logger);
    }

    public string FullPath => _path;

    /// <summary>True when an edge with its data in PostgreSQL has run in this directory.</summary>
    public bool IsOfPostgres => File.Exists(ProviderFile);

    public string DatabaseFile => Path.Combine(_path, DatabaseName);

    public string MasterKeyFile => Path.Combine(_path, MasterKeyName);

    /// <summary>Free space that the user of the edge's process may fill, in bytes. <see cref="long.MaxValue"/> where the system does not report it.</summary>
    public long FreeBytes
    {
        get
        {
            try
            {
                // Some systems report a total size of 0.
                return new DriveInfo(_path) is { TotalSize: > 0 } drive ? drive.AvailableFreeSpace : long.MaxValue;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return long.MaxValue;
            }
        }
    }

    /// <summary>Directory of records that are not in the database yet. Created when first needed.</summary>
    public string SpoolDirectory => Path.Combine(_path, "spool");

    private string ProviderFile => Path.Combine(_path, "edge.provider");

    // Held for a short time by an edge that creates files which all edges in this directory share.
    private string LockFile => Path.Combine(_path, "edge.lock");

    // Held by edges of this directory as long as they run.
    private string OwnerFile => Path.Combine(_path, "edge.owner");

    /// <summary>Takes the lock for creating files in this directory. The lock is held until the result is disposed. The timeout uses the system
    /// clock.</summary>
    /// <exception cref="StartupException">Another edge does not release the lock in time, or the lock file cannot be created.</exception>
    public async Task<IAsyncDisposable> LockAsync(CancellationToken cancellation)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                // The file is not deleted on release: another edge may already have opened it and be about to lock it.
                return PrivateFiles.Open(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException exception) when (PrivateFiles.IsSharingViolation(exception))
            {
                if (TimeProvider.System.GetElapsedTime(startedAt) > LockTimeout)
                {
                    throw new StartupException($"{_setting}: cannot lock '{LockFile}'. Another edge has held the lock for {LockTimeout.TotalSeconds:0} s; an edge may be starting there: {exception.Message}", exception);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new StartupException($"{_setting}: cannot lock '{LockFile}': {exception.Message}", exception);
            }

            await Task.Delay(LockRetryInterval, TimeProvider.System, cancellation);
        }
    }

    /// <summary>Reserves the directory for this edge until the result is disposed, or until the process ends.</summary>
    /// <param name="isJoined">True: shares the directory with other edges for which this is true.</param>
    /// <exception cref="StartupException">Another edge uses the directory.</exception>
    public IDisposable Own(bool isJoined)
    {
        try
        {
            return isJoined
                ? PrivateFiles.Open(OwnerFile, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read)
                : PrivateFiles.Open(OwnerFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (PrivateFiles.IsSharingViolation(exception))
        {
            throw new StartupException(
                $"{_setting}: another edge runs in '{_path}'. Each edge would count limits alone and see changes late. Give this edge its own directory, or give all edges there the same Redis:Configuration.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{_setting}: cannot lock '{OwnerFile}': {exception.Message}", exception);
        }
    }

    /// <summary>Makes <see cref="IsOfPostgres"/> true for later starts. Ignores write errors.</summary>
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
            // This file only improves a later error message, so the start continues without it.
        }
    }

    /// <summary>Tests whether the directory is writable: writes this many bytes to a temporary file, and deletes the file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public void TestWrite(int bytes)
    {
        // The name is random and not a process id: in containers on one volume, every edge is process 1.
        var probe = Path.Combine(_path, $".writable-{Path.GetRandomFileName()}");
        using var file = new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        file.Write(new byte[bytes]);
    }

    private void RestrictAccess(ILogger logger)
    {
        var (own, spool) = (new DirectoryInfo(_path), new DirectoryInfo(SpoolDirectory));

        // Other users need a directory such as /tmp, so its access stays unchanged. The edge's own files in it are still restricted.
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
                narrowed += PrivateFiles.RestrictAccess(entry) ? 1 : 0;
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
        [LoggerMessage(13, LogLevel.Information, "Other users had access to {Path} or to files in it. The edge has removed that access from {Count} directories and files.", EventName = "DataDirectoryNarrowed")]
        public static partial void Narrowed(ILogger logger, string path, int count);

        [LoggerMessage(14, LogLevel.Warning, "Other users have access to {Path} or to files in it, and the edge cannot change that: {Reason}", EventName = "DataDirectoryWide")]
        public static partial void Wide(ILogger logger, string path, string reason);
    }
}
