using System.Runtime.Versioning;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using CsCheck;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Tests.Storage;

/// <summary>Only the edge's user has access to the data directory.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DataDirectoryTests : IDisposable
{
    private const UnixFileMode ForAll = PrivateFiles.OfDirectories | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string _parent = Directory.CreateTempSubdirectory("edge-private-").FullName;

    private string Data => Path.Combine(_parent, "data");

    [Fact]
    public async Task New_files_are_private_and_open_ones_are_restricted_with_one_log_line()
    {
        await using (var first = await RunningEdge.StartAsync(dataDirectory: Data))
        {
            Spool();
            AssertNarrow("data", "edge.db", "edge.db-wal", "edge.db-shm", "edge.lock", "edge.owner", "master.key", "spool", "0000000000000007.spool", "0000000000000007.spool.unreadable");
            Assert.Empty(WarningsOf(first));
        }

        foreach (var entry in Entries())
        {
            File.SetUnixFileMode(entry.FullName, entry is DirectoryInfo ? ForAll : ForAll & ~UnixFileMode.UserExecute);
        }

        await using (var second = await RunningEdge.StartAsync(dataDirectory: Data))
        {
            AssertNarrow("data", "edge.db", "master.key", "spool");
            var line = Assert.Single(WarningsOf(second));
            Assert.Contains(Data, line.Text, StringComparison.Ordinal);
        }

        await using var third = await RunningEdge.StartAsync(dataDirectory: Data);
        Assert.Empty(WarningsOf(third));
    }

    [Fact]
    public void Access_of_others_is_removed_and_that_of_the_owner_stays() =>
        Gen.Select(Gen.Int[0, 0x1FF], Gen.Int[0, 0x1FF]).Sample((directory, file) =>
        {
            var path = Directory.CreateDirectory(Path.Combine(_parent, Path.GetRandomFileName())).FullName;
            var key = Path.Combine(path, "master.key");
            File.WriteAllText(key, "");
            File.SetUnixFileMode(key, (UnixFileMode)file);

            // The owner needs access.
            File.SetUnixFileMode(path, (UnixFileMode)directory | PrivateFiles.OfDirectories);

            Open(path);
            Assert.Equal(PrivateFiles.OfDirectories, new DirectoryInfo(path).UnixFileMode);
            Assert.Equal((UnixFileMode)(file & 0x1C0), new FileInfo(key).UnixFileMode);
        },
        iter: 50);

    [Fact]
    public void Links_are_not_followed_and_a_shared_directory_stays_open()
    {
        var elsewhere = Path.Combine(_parent, "elsewhere");
        File.WriteAllText(elsewhere, "");
        File.SetUnixFileMode(elsewhere, ForAll);
        Directory.CreateDirectory(Data);
        File.SetUnixFileMode(Data, ForAll | UnixFileMode.StickyBit);
        File.CreateSymbolicLink(Path.Combine(Data, "master.key"), elsewhere);
        File.WriteAllText(Path.Combine(Data, "edge.db"), "");
        File.SetUnixFileMode(Path.Combine(Data, "edge.db"), ForAll);

        Open(Data);

        Assert.Equal(ForAll, new FileInfo(elsewhere).UnixFileMode);
        Assert.Equal(ForAll | UnixFileMode.StickyBit, new DirectoryInfo(Data).UnixFileMode);
        Assert.Equal(PrivateFiles.OfDirectories, new FileInfo(Path.Combine(Data, "edge.db")).UnixFileMode);
    }

    [Fact]
    public async Task Concurrent_starts_create_one_master_key()
    {
        var directory = Open(Data);
        var settings = new ConfigurationBuilder().Build();
        using var together = new Barrier(12);
        var keys = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait();
                return Assert.Single(MasterKey.Load(settings, directory)).Id;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.Single(keys.Distinct());
        Assert.Single(Directory.GetFiles(Data, "master.key*"));
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        RunDirectory.Delete(_parent);
    }

    private static DataDirectory Open(string path) => new(Options.Create(new StorageOptions { DataDirectory = path }), NullLogger<DataDirectory>.Instance);

    private static IEnumerable<LogRecorder.LogLine> WarningsOf(RunningEdge edge) => edge.Logs.Lines.Where(line => line.EventName?.StartsWith("DataDirectory", StringComparison.Ordinal) == true);

    // The spool of an edge that has ended, with an unreadable part.
    private void Spool()
    {
        using var spool = new RecordSpool(Path.Combine(Data, "spool"), writerId: 7, maxBytes: 1_000_000);
        spool.TryAppend([new(Some.Record(), 1, HasRow: true)]);
        UnreadableSpool.Append(Path.Combine(Data, "spool", "0000000000000007.spool"), "?"u8);
    }

    private IEnumerable<FileSystemInfo> Entries() => [new DirectoryInfo(Data), .. new DirectoryInfo(Data).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)];

    private void AssertNarrow(params string[] expected)
    {
        var entries = Entries().ToList();
        Assert.Empty(expected.Except(entries.Select(entry => entry.Name)));
        Assert.All(entries, entry => Assert.Equal((entry.Name, entry is DirectoryInfo ? PrivateFiles.OfDirectories : PrivateFiles.OfFiles), (entry.Name, entry.UnixFileMode)));
    }
}
