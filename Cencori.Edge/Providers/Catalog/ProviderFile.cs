using System.Text.Json;
using Cencori.Edge.Files;
using Cencori.Edge.Settings;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>
/// yarp.json as a configuration source that follows the file. If the file is missing, is not JSON, or holds a value of the wrong type,
/// the last valid content stays active. (The framework's own JSON source would become empty instead, and
/// remove every route.)
/// </summary>
public sealed class ProviderFile : ConfigurationProvider, IConfigurationSource, IDisposable
{
    public const string FileName = "yarp.json";

    /// <summary>The configuration section that YARP reads.</summary>
    public const string Section = "ReverseProxy";

    private readonly FollowedFile _file;

    private ProviderFile(FollowedFile file) => _file = file;

    public string FullPath => _file.FullPath;

    /// <summary>Raised when a change of the file was rejected.</summary>
    public event Action<Exception>? Refused;

    /// <summary>The file at exactly this path.</summary>
    internal static ProviderFile At(string path, TimeProvider time) => new(new FollowedFile(path, time));

    /// <summary>The file in the working directory; if there is none, the file that was installed with the edge.</summary>
    public static ProviderFile Locate(TimeProvider time) => new(FollowedFile.Locate(FileName, time));

    /// <exception cref="Storage.Startup.StartupException">A setting overrides a value of the file with a value of the wrong type.</exception>
    public static void RefuseWrongOverrides(IConfiguration configuration)
    {
        try
        {
            RefuseWrongValues(configuration);
        }
        catch (Exception exception)
        {
            throw new Storage.Startup.StartupException($"{Section}: a setting that overrides {FileName} cannot be used: {exception.Message}", exception);
        }
    }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <exception cref="Storage.Startup.StartupException">The file cannot be read.</exception>
    public override void Load() => _file.Follow(Use, exception => Refused?.Invoke(exception));

    public void Dispose() => _file.Dispose();

    private void Use(byte[] content)
    {
        Data = Parse(content);
        OnReload();
    }

    private static Dictionary<string, string?> Parse(byte[] content)
    {
        var root = Read(content);
        if (root.GetChildren().All(section => !section.Key.Equals(Section, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ProviderFaultException($"The file has no section {Section}, so there are no providers.{NearestName.Suggest(root.GetChildren().FirstOrDefault()?.Key ?? "", [Section])}");
        }

        RefuseWrongValues(root);
        return new(root.AsEnumerable(), StringComparer.OrdinalIgnoreCase);
    }

    private static IConfigurationRoot Read(byte[] content)
    {
        try
        {
            return new ConfigurationBuilder().AddJsonStream(new MemoryStream(content)).Build();
        }
        catch (JsonException exception)
        {
            throw new ProviderFaultException($"Line {exception.LineNumber + 1} is not JSON.", exception);
        }
        catch (FormatException exception)
        {
            // The JSON has a duplicate name, or a root that is not an object.
            throw new ProviderFaultException(exception.Message, exception);
        }
    }

    // YARP only logs a value that it cannot convert, and keeps its old configuration. Without this check, the reload counter would miss the rejection.
    private static void RefuseWrongValues(IConfiguration root)
    {
        if (SectionShape.Faults(root.GetSection(Section), typeof(ProxyShape)).ToList() is { Count: > 0 } faults)
        {
            throw new ProviderFaultException(string.Join(' ', faults));
        }

        var services = new ServiceCollection().AddLogging();
        services.AddReverseProxy().LoadFromConfig(root.GetSection(Section));
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IProxyConfigProvider>().GetConfig();
    }
}
