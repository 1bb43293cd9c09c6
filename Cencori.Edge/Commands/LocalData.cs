using Cencori.Edge.Hosting;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Commands;

/// <summary>The data directory that the settings name, for commands that read or write its files.</summary>
internal sealed class LocalData
{
    private LocalData(IConfiguration settings, string path) => (Settings, Path) = (settings, path);

    public IConfiguration Settings { get; }

    public string Path { get; }

    public string DatabaseFile => System.IO.Path.Combine(Path, DataDirectory.DatabaseName);

    public string MasterKeyFile => System.IO.Path.Combine(Path, DataDirectory.MasterKeyName);

    public bool HasDatabase => SqliteCopy.Find(DatabaseFile).Count > 0;

    /// <summary>Text for messages: the file or the setting that holds the master key.</summary>
    public string MasterKeyPlace => string.IsNullOrEmpty(Settings[MasterKey.Setting]) ? $"'{MasterKeyFile}'" : $"the setting {MasterKey.Setting}";

    /// <summary>Reads the settings. Does not create the directory.</summary>
    /// <exception cref="StartupException">The configuration has a setting with an unknown name.</exception>
    public static LocalData Of(CommandArguments arguments)
    {
        var settings = arguments.Configuration;
        KnownSettings.RefuseUnknown(settings);
        var options = settings.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new();
        return new LocalData(settings, System.IO.Path.GetFullPath(options.DataDirectory));
    }

    /// <exception cref="CommandException">The data directory has no database.</exception>
    public void NeedDatabase()
    {
        if (!HasDatabase)
        {
            throw new CommandException($"{Setting}: there is no database in '{Path}'.", Command.Failed);
        }
    }

    /// <summary>Creates the directory when it does not exist.</summary>
    public DataDirectory Open() => new(Options.Create(new StorageOptions { DataDirectory = Path }), NullLogger<DataDirectory>.Instance);

    /// <summary>Locks the directory so that no edge can use it. Dispose the result to unlock.</summary>
    /// <exception cref="CommandException">A running edge uses the directory.</exception>
    public IDisposable Own(DataDirectory directory)
    {
        try
        {
            return directory.Own(isJoined: false);
        }
        catch (StartupException exception) when (exception.InnerException is IOException inner && PrivateFiles.IsSharingViolation(inner))
        {
            throw InUse();
        }
    }

    public CommandException InUse() => new($"{Setting}: an edge runs in '{Path}'. Stop it first.", Command.Failed);

    internal static string Setting => $"{StorageOptions.Section}:{nameof(StorageOptions.DataDirectory)}";
}
