using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace Cencori.Edge.Tests.Startup;

/// <summary>The edge must not watch its working directory. The data directory is below it, so each write of the database would notify the watcher.</summary>
[Trait(SlowestTests.Trait, "A process starts and is watched for a while.")]
public sealed class WatchedFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;

    [Fact]
    public async Task No_settings_file_is_watched()
    {
        await using var app = Program.Build([$"--Storage:DataDirectory={_directory}", "--urls=http://127.0.0.1:0"]);

        var files = ((IConfigurationRoot)app.Configuration).Providers.OfType<JsonConfigurationProvider>().ToList();
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => file.Source.ReloadOnChange);
    }

    [Fact]
    public async Task A_running_edge_watches_no_directory()
    {
        await MigratedDatabase.PrepareAsync(_directory);
        await using var edge = EdgeProcess.Start(_directory, "--urls=http://127.0.0.1:0");
        await edge.ListeningAsync();

        var descriptors = Directory.GetFiles($"/proc/{edge.Id}/fdinfo");
        Assert.NotEmpty(descriptors);
        Assert.DoesNotContain(descriptors.SelectMany(Read), line => line.StartsWith("inotify", StringComparison.Ordinal));
    }

    public void Dispose() => RunDirectory.Delete(_directory);

    private static string[] Read(string descriptor)
    {
        try
        {
            return File.ReadAllLines(descriptor);
        }
        catch (IOException)
        {
            // The descriptor was closed meanwhile.
            return [];
        }
    }
}
