using Cencori.Edge.Storage.Secrets;

namespace Cencori.Edge.Records.Spool;

/// <summary>
/// Keeps unreadable parts of spools in files beside them, for inspection. The number and size of these files are limited: the oldest are deleted.
/// </summary>
internal static class UnreadableSpool
{
    public const string Extension = ".unreadable";

    /// <summary>Maximum number of files.</summary>
    public const int MaxFiles = 16;

    /// <summary>Maximum size of all files together, in bytes.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    /// <summary>Appends unreadable bytes to the file beside the spool.</summary>
    public static void Append(string spool, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using (var quarantine = PrivateFiles.Open(spool + Extension, FileMode.Append, FileAccess.Write, FileShare.None))
            {
                quarantine.Write(bytes);
            }

            Trim(Path.GetDirectoryName(spool)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The bytes are lost if they cannot be written. The records after them in the spool are more important.
        }
    }

    /// <summary>Renames a whole spool that cannot be read. Does not replace other files.</summary>
    public static void Move(string spool)
    {
        try
        {
            var target = spool + Extension;
            for (var number = 2; File.Exists(target); number++)
            {
                target = $"{spool}.{number}{Extension}";
            }

            File.Move(spool, target);
            SpoolFile.DeleteCopy(spool);
            Trim(Path.GetDirectoryName(spool)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file could not be renamed. The next start finds it again.
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
