using Cencori.Edge.Storage;

namespace Cencori.Edge.Records.Spool;

/// <summary>
/// Where that of a spool is kept which cannot be read: beside it, for somebody who wants to look. There are few and they are small: the
/// oldest go.
/// </summary>
internal static class UnreadableSpool
{
    public const string Extension = ".unreadable";

    /// <summary>Files at most.</summary>
    public const int MaxFiles = 16;

    /// <summary>Bytes of all of them at most.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    /// <summary>Adds to what was set aside of a spool.</summary>
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
            // What follows in the spool matters more.
        }
    }

    /// <summary>Sets a whole file aside.</summary>
    public static void Move(string spool)
    {
        try
        {
            File.Move(spool, spool + Extension, overwrite: true);
            Trim(Path.GetDirectoryName(spool)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next start meets it again.
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
