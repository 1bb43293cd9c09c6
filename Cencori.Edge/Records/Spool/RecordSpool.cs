using System.Buffers;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Cencori.Edge.Records.Spool;

/// <summary>
/// A file with the records of one writer (edge process) that are not in the database yet. The file exists only while there are such records, and remains
/// when the process is killed. Appending and reading may run concurrently.
/// </summary>
public sealed class RecordSpool : IDisposable
{
    private const string Extension = ".spool";

    // Number of bytes in one read: many times the size of a record.
    private const int WindowBytes = 512 * 1024;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly long _maxBytes;
    private SafeFileHandle? _file;
    private long _head;
    private long _end;

    private long _failedAt; // Value of _head at the last attempt to rewrite the file that failed.
    private bool _isDisposed;
    private volatile bool _leavesRecords;

    /// <summary>Creates an empty spool. The file is created with the first append.</summary>
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

        // Nothing is appended, so the file is never rewritten.
        _maxBytes = long.MaxValue;
        _end = RandomAccess.GetLength(file);
        WriterId = writerId;
    }

    public long WriterId { get; }

    /// <summary>Size of the records not yet in the database, in bytes.</summary>
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

    /// <summary>False also after disposal with records left: what is stored directly then would make the next process take the rest for stored.</summary>
    public bool IsEmpty => !_leavesRecords && Bytes == 0;

    /// <summary>
    /// Takes over the spools of ended processes, the oldest first. Skips spools whose process is still running. Renames files that are not a spool or that
    /// cannot be opened.
    /// </summary>
    /// <param name="directory">Directory of the spools.</param>
    /// <param name="quarantined">Receives the size of each renamed file.</param>
    public static IEnumerable<RecordSpool> TakeOver(string directory, Action<long>? quarantined = null)
    {
        var files = Directory.Exists(directory) ? new DirectoryInfo(directory).GetFiles("*" + Extension) : [];
        foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc))
        {
            SafeFileHandle? handle = null;
            if (!long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var writerId)
                || !SpoolFile.TryOpen(file.FullName, out handle))
            {
                UnreadableSpool.Move(file.FullName);
                quarantined?.Invoke(file.Length);
            }
            else if (handle is not null)
            {
                yield return new RecordSpool(file.FullName, writerId, handle);
            }
        }
    }

    /// <summary>Appends all of the records, or none.</summary>
    /// <returns>False: the spool would exceed its size limit.</returns>
    /// <exception cref="IOException">The file cannot be written, or the spool is disposed and its file still exists.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be created.</exception>
    public bool TryAppend(ReadOnlySpan<PendingRecord> records)
    {
        var frames = new ArrayBufferWriter<byte>(Math.Max(1, records.Length) * 256);
        foreach (var pending in records)
        {
            SpoolFrame.Write(frames, pending);
        }

        lock (_lock)
        {
            if (_end + frames.WrittenCount > _maxBytes + (_maxBytes / 2) && _head - _failedAt > _maxBytes / 8)
            {
                Compact();
            }

            // The whole file is so long only after its rewriting has failed again and again.
            if (_end - _head + frames.WrittenCount > _maxBytes || _end / 2 > _maxBytes)
            {
                return false;
            }

            // If an append fails after it wrote a part, the next append overwrites that part: _end does not change.
            RandomAccess.Write(_file ??= SpoolFile.Create(_path, isOwn: !_isDisposed), frames.WrittenSpan, _end);
            _end += frames.WrittenCount;
            return true;
        }
    }

    /// <summary>Reads records from the front. The records stay in the spool until <see cref="Remove"/>.</summary>
    /// <param name="count">Maximum number of records.</param>
    /// <param name="bytes">Size of the records read, in bytes.</param>
    /// <returns>The records. Empty: the spool is empty, or its next bytes cannot be read; see <see cref="Quarantine"/>.</returns>
    /// <exception cref="IOException">The file cannot be read; see <see cref="Abandon"/>.</exception>
    public PendingRecord[] Read(int count, out long bytes)
    {
        lock (_lock)
        {
            var window = ArrayPool<byte>.Shared.Rent((int)Math.Min(WindowBytes, _end - _head));
            try
            {
                var length = Fill(window);
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

    /// <summary>Removes bytes from the front. Deletes the file when it is empty, rewrites it when much is removed. Does nothing after disposal.</summary>
    public void Remove(long bytes)
    {
        lock (_lock)
        {
            if (_file is null)
            {
                return;
            }

            _head += bytes;
            if (_head == _end)
            {
                SpoolFile.Delete(_path);
                SpoolFile.Empty(_file!);
                Close();
            }
            else if (_head - _failedAt > _maxBytes / 2 && (_end - _head <= _maxBytes / 8 || _end > _maxBytes + (_maxBytes / 2)))
            {
                // Others wait meanwhile, so a long rest is copied only if the file would become too long.
                Compact();
            }
        }
    }

    /// <summary>Moves unreadable bytes at the front, up to the next readable record, to a file beside the spool.</summary>
    /// <returns>Number of bytes moved.</returns>
    /// <exception cref="IOException">The file cannot be read; see <see cref="Abandon"/>.</exception>
    public long Quarantine()
    {
        lock (_lock)
        {
            var window = ArrayPool<byte>.Shared.Rent((int)Math.Min(WindowBytes, _end - _head));
            try
            {
                // The file may have become shorter. Then nothing is left to read.
                var length = Fill(window);
                var passed = length == 0 ? _end - _head : SpoolFrame.FindNext(window.AsSpan(0, length), isEnd: length < WindowBytes);
                UnreadableSpool.Append(_path, window.AsSpan(0, (int)Math.Min(passed, length)));
                Remove(passed);
                return passed;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(window);
            }
        }
    }

    /// <summary>Renames a file that cannot be read. The next record starts a new file.</summary>
    /// <returns>Size of the lost records, in bytes.</returns>
    public long Abandon()
    {
        lock (_lock)
        {
            var bytes = _end - _head;
            Close();
            UnreadableSpool.Move(_path);
            return bytes;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            (_leavesRecords, _isDisposed) = (_leavesRecords || _end > _head, true);
            Close();
        }
    }

    // Under a steady load the spool may never be empty, and removed records would fill it.
    private void Compact()
    {
        try
        {
            var file = SpoolFile.Rewrite(_path, _file!, _head, _end);
            var old = _file!;
            (_file, _head, _end, _failedAt) = (file, 0, _end - _head, 0);
            SpoolFile.Empty(old);
            old.Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _failedAt = _head;
        }
    }

    // Reads no more than the remaining bytes: a rented array may be longer.
    private int Fill(byte[] window) =>
        _file is null ? 0 : RandomAccess.Read(_file, window.AsSpan(0, (int)Math.Min(window.Length, _end - _head)), _head);

    private void Close()
    {
        _file?.Dispose();
        (_file, _head, _end, _failedAt) = (null, 0, 0, 0);
    }
}
