using System.Buffers;
using System.Globalization;
using Cencori.Edge.Storage;
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

    /// <summary>
    /// Takes over what ended processes have left, the oldest first. A spool whose process lives is not touched; a file that is none, or
    /// that nobody may open, is set aside.
    /// </summary>
    /// <param name="directory">Where they are.</param>
    /// <param name="setAside">Told the size of each that was set aside.</param>
    public static IEnumerable<RecordSpool> TakeOver(string directory, Action<long>? setAside = null)
    {
        var files = Directory.Exists(directory) ? new DirectoryInfo(directory).GetFiles("*" + Extension) : [];
        foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc))
        {
            SafeFileHandle? handle = null;
            if (!long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var writerId)
                || !TryOpen(file.FullName, out handle))
            {
                UnreadableSpool.Move(file.FullName);
                setAside?.Invoke(file.Length);
            }
            else if (handle is not null)
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
    /// <returns>None: there are no more, or what comes next cannot be read; see <see cref="SetAside"/>.</returns>
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

    /// <summary>Takes what was read off the front. The file goes with the last of it. Does nothing once it is disposed of.</summary>
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
                File.Delete(_path);
                Close();
            }
        }
    }

    /// <summary>Takes off the front what cannot be read, up to the next record that can, and keeps it beside the spool.</summary>
    /// <returns>How much it was, in bytes.</returns>
    /// <exception cref="IOException">The file cannot be read; see <see cref="Abandon"/>.</exception>
    public long SetAside()
    {
        lock (_lock)
        {
            var window = ArrayPool<byte>.Shared.Rent((int)Math.Min(WindowBytes, _end - _head));
            try
            {
                // A file that has become shorter holds nothing more.
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

    /// <summary>Gives up a file that cannot be read, and begins anew with the next record.</summary>
    /// <returns>How much it was, in bytes.</returns>
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
            Close();
        }
    }

    // A window that was rented may be longer than what is left.
    private int Fill(byte[] window) =>
        _file is null ? 0 : RandomAccess.Read(_file, window.AsSpan(0, (int)Math.Min(window.Length, _end - _head)), _head);

    private void Close()
    {
        _file?.Dispose();
        (_file, _head, _end) = (null, 0, 0);
    }

    private SafeFileHandle Create()
    {
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(_path)!);
        return PrivateFiles.OpenEmpty(_path);
    }

    // Null: its writer lives, or another edge has just taken it over. False: it is not for us to open.
    private static bool TryOpen(string path, out SafeFileHandle? file)
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
}
