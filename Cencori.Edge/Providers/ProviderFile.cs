using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers;

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

    // Editors write in several steps; the last one counts.
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    private readonly PhysicalFileProvider _directory;
    private readonly TimeProvider _time;
    private readonly string _path;
    private IDisposable? _watch;

    private ProviderFile(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
        _directory = new PhysicalFileProvider(Path.GetDirectoryName(path)!);
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
            Data = Read();
        }
        catch (Exception exception)
        {
            throw new Storage.StartupException($"{FileName}: cannot use '{_path}': {(exception.InnerException ?? exception).Message}", exception);
        }

        _watch ??= ChangeToken.OnChange(() => _directory.Watch(FileName), () => _ = ReloadAsync());
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _directory.Dispose();
    }

    private async Task ReloadAsync()
    {
        await Task.Delay(SettleTime, _time);
        try
        {
            Data = Read();
        }
        catch (Exception exception)
        {
            Refused?.Invoke(exception);
            return;
        }

        OnReload();
    }

    private Dictionary<string, string?> Read()
    {
        using var stream = File.OpenRead(_path);
        var root = new ConfigurationBuilder().AddJsonStream(stream).Build();
        RefuseWrongValues(root);
        return new(root.AsEnumerable(), StringComparer.OrdinalIgnoreCase);
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
