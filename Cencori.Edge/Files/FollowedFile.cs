using Cencori.Edge.Storage;

namespace Cencori.Edge.Files;

/// <summary>
/// A settings file that is followed while the edge runs. One that is gone, or cannot be used, leaves in force what was there before.
/// </summary>
/// <remarks>
/// It is looked at again and again: notifications from the file system are cheaper and miss the files of mounted volumes and
/// configuration maps. A look at a file that nobody has touched is one question to the file system, and no read.
/// </remarks>
/// <param name="path">Where it is; its name is what people are told.</param>
/// <param name="time">Of the looks.</param>
public sealed class FollowedFile(string path, TimeProvider time) : IDisposable
{
    public string FullPath => path;

    /// <summary>Time between two looks. A change is in force at the second one.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _looking = new();
    private Action<byte[]> _use = static _ => { };
    private Action<Exception> _refuse = static _ => { };
    private FileStamp? _stamp;
    private byte[] _seen = [];
    private bool _hasChanged;
    private ITimer? _poll;

    /// <summary>The file of the working directory; where there is none, the one that came with the edge.</summary>
    public static FollowedFile Locate(string name, TimeProvider time)
    {
        var local = Path.GetFullPath(name);
        return new FollowedFile(File.Exists(local) ? local : Path.Combine(AppContext.BaseDirectory, name), time);
    }

    /// <summary>Reads the file, and goes on to follow it.</summary>
    /// <param name="use">Takes what stands in it, now and whenever it has changed; throws where that cannot be used.</param>
    /// <param name="refuse">Is told why a change is not in force.</param>
    /// <exception cref="StartupException">It cannot be read or used.</exception>
    public void Follow(Action<byte[]> use, Action<Exception> refuse)
    {
        lock (_looking)
        {
            _seen = Read(FileStamp.Of(path), out var fault);
            if ((fault ?? Try(use)) is { } problem)
            {
                throw new StartupException($"{Path.GetFileName(path)}: cannot use '{path}': {problem.Message.ReplaceLineEndings(" ")}", problem);
            }

            (_use, _refuse) = (use, refuse);
            _poll ??= time.CreateTimer(_ => Look(), null, PollInterval, PollInterval);
        }
    }

    public void Dispose()
    {
        _poll?.Dispose();
        _poll = null;
    }

    private void Look()
    {
        lock (_looking)
        {
            var stamp = FileStamp.Of(path);
            if (!_hasChanged && stamp == _stamp)
            {
                return;
            }

            var content = Read(stamp, out var fault);
            if (!content.AsSpan().SequenceEqual(_seen))
            {
                // Editors write in several steps; what is the same at the next look is what they meant.
                (_seen, _hasChanged) = (content, true);
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

    // What cannot be read counts as empty, so that it is told once, and that its return is a change.
    private byte[] Read(FileStamp stamp, out Exception? fault)
    {
        try
        {
            var content = File.ReadAllBytes(path);
            _stamp = stamp.MayHideAChange(time.GetUtcNow()) ? null : stamp;
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
            use(_seen);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}
