using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>
/// yarp.json as configuration that follows the file. A file that is gone, is not JSON, or holds a value of the wrong kind
/// leaves in force what was there before. (The framework's own JSON source empties itself instead, which would take
/// every route away.)
/// </summary>
public sealed class ProviderFile : ConfigurationProvider, IConfigurationSource, IDisposable
{
    public const string FileName = "yarp.json";

    /// <summary>The section YARP reads.</summary>
    public const string Section = "ReverseProxy";

    /// <summary>
    /// How often the file is looked at. A look costs one small read; notifications from the file system are cheaper and miss
    /// the files of mounted volumes and configuration maps.
    /// </summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly string _path;
    private readonly Lock _polling = new();
    private byte[] _seen = [];
    private bool _hasChanged;
    private ITimer? _poll;

    private ProviderFile(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
    }

    /// <summary>Raised when a change of the file was refused.</summary>
    public event Action<Exception>? Refused;

    /// <summary>This very file.</summary>
    internal static ProviderFile At(string path, TimeProvider time) => new(path, time);

    /// <summary>The file of the working directory; where there is none, the one that came with the edge.</summary>
    public static ProviderFile Locate(TimeProvider time)
    {
        var local = Path.GetFullPath(FileName);
        return new(File.Exists(local) ? local : Path.Combine(AppContext.BaseDirectory, FileName), time);
    }

    /// <exception cref="Storage.StartupException">A setting puts a value of the wrong kind over one of the file.</exception>
    public static void RefuseWrongOverrides(IConfiguration configuration)
    {
        try
        {
            RefuseWrongValues(configuration);
        }
        catch (Exception exception)
        {
            throw new Storage.StartupException($"{Section}: a setting that overrides {FileName} cannot be used: {exception.Message}", exception);
        }
    }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <exception cref="Storage.StartupException">The file cannot be read.</exception>
    public override void Load()
    {
        try
        {
            _seen = File.ReadAllBytes(_path);
            Data = Parse(_seen);
        }
        catch (Exception exception)
        {
            throw new Storage.StartupException($"{FileName}: cannot use '{_path}': {(exception.InnerException ?? exception).Message}", exception);
        }

        _poll ??= _time.CreateTimer(_ => Poll(), null, PollInterval, PollInterval);
    }

    public void Dispose()
    {
        _poll?.Dispose();
        _poll = null;
    }

    private static Dictionary<string, string?> Parse(byte[] content)
    {
        var root = new ConfigurationBuilder().AddJsonStream(new MemoryStream(content)).Build();
        RefuseWrongValues(root);
        return new(root.AsEnumerable(), StringComparer.OrdinalIgnoreCase);
    }

    private void Poll()
    {
        lock (_polling)
        {
            try
            {
                var content = File.Exists(_path) ? File.ReadAllBytes(_path) : [];
                if (!content.AsSpan().SequenceEqual(_seen))
                {
                    // Editors write in several steps; what is the same at the next look is what they meant.
                    _seen = content;
                    _hasChanged = true;
                    return;
                }

                if (!_hasChanged)
                {
                    return;
                }

                _hasChanged = false;
                Data = Parse(content);
            }
            catch (Exception exception)
            {
                _hasChanged = false;
                Refused?.Invoke(exception);
                return;
            }
        }

        OnReload();
    }

    // YARP only logs a value that it cannot convert and goes on with what it had, so nobody could count it.
    private static void RefuseWrongValues(IConfiguration root)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddReverseProxy().LoadFromConfig(root.GetSection(Section));
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IProxyConfigProvider>().GetConfig();
    }
}
