namespace Cencori.Edge.Files;

/// <summary>The file system's metadata of a file, read without opening it. An equal stamp means that the file has not changed.</summary>
/// <param name="Place">The path of the file itself, after following links: another file may have the same time and length.</param>
/// <param name="WrittenAt">The last write. Its resolution is coarse: see <see cref="MayHideAChange"/>.</param>
/// <param name="Length">In bytes; -1: the file does not exist.</param>
internal readonly record struct FileStamp(string Place, DateTimeOffset WrittenAt, long Length)
{
    // The coarsest file systems store times in steps of two seconds.
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(2);

    public static FileStamp Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                // A link has its own time and length, and mounted configuration is replaced behind the link. So the target is read.
                file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            }

            return file.Exists ? new(file.FullName, file.LastWriteTimeUtc, file.Length) : Missing(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Missing(path);
        }
    }

    /// <summary>True if a write after this moment could leave the stamp unchanged.</summary>
    public bool MayHideAChange(DateTimeOffset now) => now - WrittenAt < Grain;

    private static FileStamp Missing(string path) => new(path, default, -1);
}
