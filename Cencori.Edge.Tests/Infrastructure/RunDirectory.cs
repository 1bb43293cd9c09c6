using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// All that a run puts on the disk, and whatever it starts does, is in one directory, which goes when the run ends, also when it
/// is killed.
/// </summary>
internal static class RunDirectory
{
    // Its standard input ends with whoever holds the other end. What is on its way out may write for a moment longer.
    private const string Script = """
        trap '' INT TERM HUP
        read -r _
        for attempt in 1 2 3 4 5; do rm -rf "$1" && exit; sleep 1; done
        """;

    private static Process? _remover;

    [ModuleInitializer]
    internal static void Make()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // Not every runtime asks for this variable more than once; what was asked before this stays where it is, and is nothing of ours.
        var directory = Directory.CreateTempSubdirectory("cencori-tests-").FullName;
        Environment.SetEnvironmentVariable("TMPDIR", directory);

        // As /tmp itself: PostgreSQL does not run as root.
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111 | UnixFileMode.StickyBit);

        // What ends a run often ends all of its group.
        string[] shell = ["sh", "-c", Script, "sh", directory];
        string[] command = ChildProcess.Find("setsid") is { } setsid ? [setsid, .. shell] : shell;
        _remover = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true });
    }
}
