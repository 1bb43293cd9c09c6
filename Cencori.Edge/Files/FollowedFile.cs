using Cencori.Edge.Storage.Startup;

namespace Cencori.Edge.Files;

/// <summary>
/// Watches a settings file while the edge runs. If the file becomes missing or invalid, its last valid content stays active.
/// </summary>
/// <remarks>
/// This class polls the file. Notifications from the file system would be cheaper, but they miss changes in mounted volumes and
/// configuration maps. A poll of an unchanged file reads only its metadata.
/// </remarks>
/// <param name="path">The file's path. Messages show the file's name.</param>
/// <param name="time">The clock of the polls.</param>
public sealed class FollowedFile(string path, TimeProvider time) : IDisposable
{
    public string FullPath => path;

    /// <summary>The time between two polls. A change becomes active at the second poll that sees the same content.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _pollLock = new();
    private Action<byte[]> _use = static _ => { };
    private Action<Exception> _refuse = static _ => { };
    private FileStamp? _stamp;
    private byte[] _content = [];
    private bool _hasChanged;
    private ITimer? _poll;

    /// <summary>Finds a file by name in the working directory; if there is none, the file that was installed with the edge.</summary>
    public static FollowedFile Locate(string name, TimeProvider time)
    {
        var local = Path.GetFullPath(name);
        return new FollowedFile(File.Exists(local) ? local : Path.Combine(AppContext.BaseDirectory, name), time);
    }

    /// <summary>Reads the file and starts to watch it.</summary>
    /// <param name="use">Gets the content, now and after each change. Throws if the content is invalid.</param>
    /// <param name="refuse">Gets the exception of a change that cannot be used: the file cannot be read, or <paramref name="use"/> throws.</param>
    /// <exception cref="StartupException">The file cannot be read, or its content is invalid.</exception>
    public void Follow(Action<byte[]> use, Action<Exception> refuse)
    {
        lock (_pollLock)
        {
            _content = Read(FileStamp.Of(path), out var fault);
            if ((fault ?? Try(use)) is { } problem)
            {
                throw new StartupException($"{Path.GetFileName(path)}: cannot use '{path}': {problem.Message.ReplaceLineEndings(" ")}", problem);
            }

            (_use, _refuse) = (use, refuse);
            _poll ??= time.CreateTimer(_ => Poll(), null, PollInterval, PollInterval);
        }
    }

    public void Dispose()
    {
        _poll?.Dispose();
        _poll = null;
    }

    private void Poll()
    {
        lock (_pollLock)
        {
            var stamp = FileStamp.Of(path);
            if (!_hasChanged && stamp == _stamp)
            {
                return;
            }

            var content = Read(stamp, out var fault);
            if (!content.AsSpan().SequenceEqual(_content))
            {
                // Editors write in several steps, so a change is used only if the next poll reads the same content.
                (_content, _hasChanged) = (content, true);
            }
            else if (_hasChanged)
            {
                _hasChanged = false;
                if ((fault ?? Try(_use)) is { } problem)
                {
                    _refuse(problem);
                }
            }
        }
    }

    // An unreadable file is treated as empty. So its fault is reported once, and the file is used again when it becomes readable.
    private byte[] Read(FileStamp stamp, out Exception? fault)
    {
        try
        {
            var content = File.ReadAllBytes(path);
            _stamp = stamp.MayMissChange(time.GetUtcNow()) ? null : stamp;
            fault = null;
            return content;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _stamp = null;
            fault = exception;
            return [];
        }
    }

    private Exception? Try(Action<byte[]> use)
    {
        try
        {
            use(_content);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}
