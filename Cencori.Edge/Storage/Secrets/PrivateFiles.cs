using Microsoft.Win32.SafeHandles;

namespace Cencori.Edge.Storage.Secrets;

/// <summary>Creates files and directories that only the user of the edge can access. On systems without Unix modes they are ordinary files.</summary>
public static class PrivateFiles
{
    /// <summary>0600: the owner reads and writes.</summary>
    public const UnixFileMode OfFiles = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>0700: the owner has full access.</summary>
    public const UnixFileMode OfDirectories = OfFiles | UnixFileMode.UserExecute;

    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Creates a directory if it does not exist.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OfDirectories);
        }
    }

    /// <summary>Opens or creates a file. <paramref name="mode"/> must be one that can create files.</summary>
    /// <exception cref="IOException">The file cannot be opened; see <see cref="IsSharingViolation"/>.</exception>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OfFiles;
        }

        return new FileStream(path, options);
    }

    /// <summary>Creates an empty file. Never changes an existing one.</summary>
    /// <exception cref="IOException">The file cannot be created, or exists already.</exception>
    public static SafeFileHandle OpenCreated(string path)
    {
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, OfFiles);
        }

        return file;
    }

    /// <summary>Creates an empty file if none exists. Does not open an existing file.</summary>
    public static void Create(string path)
    {
        if (!File.Exists(path))
        {
            // CreateNew fails for an existing file without opening it. Opening and closing a SQLite file would release the POSIX locks of connections in this process.
            Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite).Dispose();
        }
    }

    /// <summary>True when another process has opened the file in a way that excludes this process.</summary>
    public static bool IsSharingViolation(IOException exception)
    {
        // Error codes. Windows: sharing violation. Linux and macOS: EWOULDBLOCK.
        const int Sharing = 32, Linux = 11, MacOS = 35;
        return (exception.HResult & 0xFFFF) is Sharing or Linux or MacOS;
    }

    /// <summary>Removes the access of other users to a file or directory. Does not change links and their targets.</summary>
    /// <returns>True when other users had access, which is now removed.</returns>
    /// <exception cref="IOException">The file belongs to another user, or its file system has no modes.</exception>
    /// <exception cref="UnauthorizedAccessException">The file belongs to another user, or its file system has no modes.</exception>
    public static bool RestrictAccess(FileSystemInfo entry)
    {
        if (OperatingSystem.IsWindows() || entry.LinkTarget is not null || !entry.Exists || (entry.UnixFileMode & OfOthers) == 0)
        {
            return false;
        }

        File.SetUnixFileMode(entry.FullName, entry.UnixFileMode & ~OfOthers);
        return true;
    }
}
