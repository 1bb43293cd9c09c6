namespace Cencori.Edge.Files;

/// <summary>What the file system says of a file without opening it. The same twice: nobody has written to it in between.</summary>
/// <param name="Place">The file itself, where links lead to it: another one may have the same time and length.</param>
/// <param name="WrittenAt">Coarse: see <see cref="MayHideAChange"/>.</param>
/// <param name="Length">In bytes; -1: there is none.</param>
internal readonly record struct FileStamp(string Place, DateTimeOffset WrittenAt, long Length)
{
    // The coarsest of file systems tells apart what is two seconds apart.
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(2);

    public static FileStamp Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                // Of a link the time and length would be its own. Mounted configuration is replaced behind it.
                file = (FileInfo?)file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
            }

            return file.Exists ? new(file.FullName, file.LastWriteTimeUtc, file.Length) : Missing(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Missing(path);
        }
    }

    /// <summary>Whether a write after this moment could leave the stamp as it is.</summary>
    public bool MayHideAChange(DateTimeOffset now) => now - WrittenAt < Grain;

    private static FileStamp Missing(string path) => new(path, default, -1);
}
