using System.Buffers;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Cencori.Edge.Records.Spool;

/// <summary>
/// One writer's records that are not in the database yet, in a file that exists only while there are any. What was appended is
/// there after the process was killed. Appending and reading may go on at once.
/// </summary>
public sealed class RecordSpool : IDisposable
{
    private const string Extension = ".spool";

    // What one reading takes at most; many times a record.
    private const int WindowBytes = 512 * 1024;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly long _maxBytes;
    private SafeFileHandle? _file;
    private long _head;
    private long _end;

    /// <summary>An empty one. Nothing is made on disk before something is appended.</summary>
    public RecordSpool(string directory, long writerId, long maxBytes)
    {
        _path = Path.Combine(directory, writerId.ToString("x16", CultureInfo.InvariantCulture) + Extension);
        _maxBytes = maxBytes;
        WriterId = writerId;
    }

    private RecordSpool(string path, long writerId, SafeFileHandle file)
    {
        _path = path;
        _file = file;
        _end = RandomAccess.GetLength(file);
        WriterId = writerId;
    }

    public long WriterId { get; }

    /// <summary>What is not in the database yet, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _end - _head;
            }
        }
    }

    public bool IsEmpty => Bytes == 0;

    /// <summary>Takes over what ended processes have left, the oldest first. A spool whose process lives is not touched.</summary>
    public static IEnumerable<RecordSpool> TakeOver(string directory)
    {
        var files = Directory.Exists(directory) ? new DirectoryInfo(directory).GetFiles("*" + Extension) : [];
        foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var writerId)
                && TryOpen(file.FullName) is { } handle)
            {
                yield return new RecordSpool(file.FullName, writerId, handle);
            }
        }
    }

    /// <summary>Appends all or nothing.</summary>
    /// <returns>False: it would be larger than it may be.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public bool TryAppend(ReadOnlySpan<PendingRecord> records)
    {
        var frames = new ArrayBufferWriter<byte>(Math.Max(1, records.Length) * 256);
        foreach (var pending in records)
        {
            SpoolFrame.Write(frames, pending);
        }

        lock (_lock)
        {
            if (_end + frames.WrittenCount > _maxBytes)
            {
                return false;
            }

            // After an append that failed half-way the next one begins where that one did.
            RandomAccess.Write(_file ??= Create(), frames.WrittenSpan, _end);
            _end += frames.WrittenCount;
            return true;
        }
    }

    /// <summary>Reads records from the front, which stay there until <see cref="Remove"/>.</summary>
    /// <param name="count">At most as many.</param>
    /// <param name="bytes">What they take.</param>
    /// <returns>None: there are no more, or what there is is not whole; see <see cref="Bytes"/>.</returns>
    public PendingRecord[] Read(int count, out long bytes)
    {
        lock (_lock)
        {
            var window = ArrayPool<byte>.Shared.Rent((int)Math.Min(WindowBytes, _end - _head));
            try
            {
                var length = _file is null ? 0 : RandomAccess.Read(_file, window.AsSpan(0, (int)Math.Min(window.Length, _end - _head)), _head);
                ReadOnlySpan<byte> rest = window.AsSpan(0, length);
                var records = new List<PendingRecord>();
                while (records.Count < count && SpoolFrame.TryRead(ref rest, out var pending))
                {
                    records.Add(pending);
                }

                bytes = length - rest.Length;
                return [.. records];
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(window);
            }
        }
    }

    /// <summary>Takes what was read off the front. The file goes with the last of it.</summary>
    public void Remove(long bytes)
    {
        lock (_lock)
        {
            _head += bytes;
            if (_head == _end)
            {
                File.Delete(_path);
                Close();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Close();
        }
    }

    private void Close()
    {
        _file?.Dispose();
        (_file, _head, _end) = (null, 0, 0);
    }

    private SafeFileHandle Create()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        return File.OpenHandle(_path, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
    }

    private static SafeFileHandle? TryOpen(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Its writer lives, or another edge has just taken it over.
            return null;
        }
    }
}
