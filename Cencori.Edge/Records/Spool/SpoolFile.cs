using System.Buffers;
using Cencori.Edge.Storage.Secrets;
using Microsoft.Win32.SafeHandles;

namespace Cencori.Edge.Records.Spool;

/// <summary>Creates, opens, rewrites and deletes the files of spools.</summary>
internal static class SpoolFile
{
    // Does not end like a spool, so that nobody takes over the unfinished copy of a killed process.
    private const string CopyExtension = ".copy";

    private const int BufferBytes = 512 * 1024;

    /// <summary>Creates an empty spool.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="isOwn">True: an existing file was abandoned by this process and is moved aside. False: another process may own it by now.</param>
    /// <exception cref="IOException">The file cannot be created, or exists and cannot be moved.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be created.</exception>
    public static SafeFileHandle Create(string path, bool isOwn)
    {
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        if (isOwn && File.Exists(path))
        {
            UnreadableSpool.Move(path);
        }

        return PrivateFiles.OpenCreated(path);
    }

    /// <summary>Opens a spool.</summary>
    /// <returns>False: the edge has no permission. True and a null handle: another process uses or has just taken over the file.</returns>
    public static bool TryOpen(string path, out SafeFileHandle? file)
    {
        file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// Replaces a spool by a copy of a part of it. A process that is killed meanwhile leaves either the old file or the complete copy, so no record is lost
    /// or doubled.
    /// </summary>
    /// <param name="path">Path of the spool.</param>
    /// <param name="file">The open spool. It stays open.</param>
    /// <param name="from">Start of the part.</param>
    /// <param name="to">End of the part.</param>
    /// <returns>The new file.</returns>
    /// <exception cref="IOException">The spool is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">The spool is unchanged.</exception>
    public static SafeFileHandle Rewrite(string path, SafeFileHandle file, long from, long to)
    {
        File.Delete(path + CopyExtension);
        var copy = PrivateFiles.OpenCreated(path + CopyExtension);
        try
        {
            Copy(file, copy, from, to);

            // Without this, a machine that loses power could have the new name of the file without its content.
            RandomAccess.FlushToDisk(copy);
            File.Move(path + CopyExtension, path, overwrite: true);
            return copy;
        }
        catch
        {
            copy.Dispose();
            File.Delete(path + CopyExtension);
            throw;
        }
    }

    /// <summary>Deletes a spool, and the copy that a killed process may have left beside it.</summary>
    public static void Delete(string path)
    {
        DeleteCopy(path);
        File.Delete(path);
    }

    /// <summary>Deletes the copy that a killed process may have left beside a spool. Does nothing if that is not possible.</summary>
    public static void DeleteCopy(string path)
    {
        try
        {
            File.Delete(path + CopyExtension);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The copy only takes space.
        }
    }

    /// <summary>Empties a file that has lost its name, for a process that has just opened it. Does nothing if that is not possible.</summary>
    public static void Empty(SafeFileHandle file)
    {
        try
        {
            RandomAccess.SetLength(file, 0);
        }
        catch (IOException)
        {
            // Records that are replayed twice are stored once.
        }
    }

    private static void Copy(SafeFileHandle source, SafeFileHandle target, long from, long to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var at = from; at < to;)
            {
                var count = RandomAccess.Read(source, buffer.AsSpan(0, (int)Math.Min(buffer.Length, to - at)), at);
                if (count == 0)
                {
                    throw new EndOfStreamException("The spool has become shorter.");
                }

                RandomAccess.Write(target, buffer.AsSpan(0, count), at - from);
                at += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
