using Cencori.Edge.Storage;

namespace Cencori.Edge.Records.Spool;

/// <summary>
/// Keeps unreadable parts of spools in files beside them, for inspection. Number and size are limited: the oldest files are deleted.
/// </summary>
internal static class UnreadableSpool
{
    public const string Extension = ".unreadable";

    /// <summary>Most files.</summary>
    public const int MaxFiles = 16;

    /// <summary>Most bytes of all files together.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    /// <summary>Appends to the set-aside file of a spool.</summary>
    public static void Append(string spool, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using (var aside = PrivateFiles.Open(spool + Extension, FileMode.Append, FileAccess.Write, FileShare.None))
            {
                aside.Write(bytes);
            }

            Trim(Path.GetDirectoryName(spool)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The records that follow in the spool matter more.
        }
    }

    /// <summary>Sets aside a whole file.</summary>
    public static void Move(string spool)
    {
        try
        {
            File.Move(spool, spool + Extension, overwrite: true);
            Trim(Path.GetDirectoryName(spool)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start finds the file again.
        }
    }

    private static void Trim(string directory)
    {
        var (files, bytes) = (0, 0L);
        foreach (var file in new DirectoryInfo(directory).GetFiles("*" + Extension).OrderByDescending(file => file.LastWriteTimeUtc))
        {
            bytes += file.Length;
            if (++files > MaxFiles || bytes > MaxBytes)
            {
                file.Delete();
            }
        }
    }
}
