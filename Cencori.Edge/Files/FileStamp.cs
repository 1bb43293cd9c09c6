namespace Cencori.Edge.Files;

/// <summary>Metadata of a file, read without opening the file. Two equal stamps mean that the file has not changed between them; but see <see cref="MayMissChange"/>.</summary>
/// <param name="Path">The path of the file after following links. A link may change to another file with the same time and length.</param>
/// <param name="WrittenAt">The time of the last write. The file system rounds this time: see <see cref="MayMissChange"/>.</param>
/// <param name="Length">In bytes; -1: the file does not exist.</param>
internal readonly record struct FileStamp(string Path, DateTimeOffset WrittenAt, long Length)
{
    // The largest step of stored times: some file systems store them in steps of two seconds.
    private static readonly TimeSpan TimestampResolution = TimeSpan.FromSeconds(2);

    public static FileStamp Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                // A link has its own time and length. Mounted configuration changes the link's target, not the link. So the target's metadata is read.
                file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            }

            return file.Exists ? new(file.FullName, file.LastWriteTimeUtc, file.Length) : Missing(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Missing(path);
        }
    }

    /// <summary>True: the last write is so recent that a write after <paramref name="now"/> could leave the stamp unchanged.</summary>
    public bool MayMissChange(DateTimeOffset now) => now - WrittenAt < TimestampResolution;

    private static FileStamp Missing(string path) => new(path, default, -1);
}
