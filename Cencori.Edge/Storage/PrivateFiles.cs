using Microsoft.Win32.SafeHandles;

namespace Cencori.Edge.Storage;

/// <summary>Files and directories for nobody but the user that the edge runs as. Where the system knows no such modes they are as any other.</summary>
public static class PrivateFiles
{
    /// <summary>For its owner to read and write: 0600.</summary>
    public const UnixFileMode OfFiles = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>For its owner to use: 0700.</summary>
    public const UnixFileMode OfDirectories = OfFiles | UnixFileMode.UserExecute;

    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes a directory where there is none.</summary>
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

    /// <summary>Opens a file, or makes one, as <paramref name="mode"/> says: it must be one that makes files.</summary>
    /// <exception cref="IOException">It cannot be opened; see <see cref="IsTaken"/>.</exception>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OfFiles;
        }

        return new FileStream(path, options);
    }

    /// <summary>Makes a file, in place of one that there is.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static SafeFileHandle OpenEmpty(string path)
    {
        var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, OfFiles);
        }

        return file;
    }

    /// <summary>Makes an empty file where there is none, and leaves one alone that there is.</summary>
    public static void Create(string path)
    {
        if (!File.Exists(path))
        {
            // To open a database and close it would end the locks that others in this process have on it.
            Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite).Dispose();
        }
    }

    /// <summary>True where somebody else has the file open, in a way that excludes this one.</summary>
    public static bool IsTaken(IOException exception)
    {
        // Of Windows: sharing violation. Of Linux and macOS: EWOULDBLOCK.
        const int Sharing = 32, Linux = 11, MacOS = 35;
        return (exception.HResult & 0xFFFF) is Sharing or Linux or MacOS;
    }

    /// <summary>Takes from others what they may do with a file or a directory. A link is left as it is, and so is what it leads to.</summary>
    /// <returns>True where there was something to take.</returns>
    /// <exception cref="IOException">It belongs to another user, or its system knows no modes.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static bool Narrow(FileSystemInfo entry)
    {
        if (OperatingSystem.IsWindows() || entry.LinkTarget is not null || !entry.Exists || (entry.UnixFileMode & OfOthers) == 0)
        {
            return false;
        }

        File.SetUnixFileMode(entry.FullName, entry.UnixFileMode & ~OfOthers);
        return true;
    }
}
