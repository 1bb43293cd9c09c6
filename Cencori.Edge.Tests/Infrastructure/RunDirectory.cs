using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// Puts all files of a run, and of its child processes, into one directory. The directory is deleted when the run ends, also when it is killed.
/// </summary>
internal static class RunDirectory
{
    // Standard input ends when the test process ends. Retries, because child processes that are ending may still write for a moment.
    private const string Script = """
        trap '' INT TERM HUP
        read -r _
        for attempt in 1 2 3 4 5; do rm -rf "$1" && exit; sleep 1; done
        """;

    private const string SharedMemory = "/dev/shm";

    // A run needs some 200 MiB; .ci/long needs more.
    private const long RoomInMemory = 4L << 30;

    private static Process? _remover;

    // A commit waits for the disk, and the tests commit often. If the user has set TMPDIR, its directory is used instead.
    private static bool IsInMemory => Environment.GetEnvironmentVariable("TMPDIR") is null or "" && Directory.Exists(SharedMemory) && new DriveInfo(SharedMemory).AvailableFreeSpace > RoomInMemory;

    /// <summary>Deletes a directory of one test. A write that ends a moment later may leave a file, which is deleted with the directory of the run.</summary>
    public static void Delete(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (IOException) when (Environment.GetEnvironmentVariable("TMPDIR") is { } run && directory.StartsWith(run, StringComparison.Ordinal))
        {
        }
    }

    [ModuleInitializer]
    internal static void Make()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // Set before any test runs, because some runtimes read TMPDIR only once.
        var directory = IsInMemory
            ? Directory.CreateDirectory(Path.Combine(SharedMemory, $"cencori-tests-{Environment.ProcessId}-{Path.GetRandomFileName()}")).FullName
            : Directory.CreateTempSubdirectory("cencori-tests-").FullName;
        Environment.SetEnvironmentVariable("TMPDIR", directory);

        // The mode of /tmp: PostgreSQL runs as another account than root and must create files here.
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111 | UnixFileMode.StickyBit);

        // A new session, because a signal that ends the run often goes to its whole process group.
        string[] shell = ["sh", "-c", Script, "sh", directory];
        string[] command = ChildProcess.Find("setsid") is { } setsid ? [setsid, .. shell] : shell;
        _remover = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true });
    }
}
