using System.Globalization;
using System.Runtime.InteropServices;

/// <summary>
/// Loaded into each measured .NET process through its diagnostic port once it runs, so that all of them are read the same way, none
/// of them needs a line for it, and none starts with it. At SIGUSR1 it writes what the process has allocated so far, and its heap,
/// to a file beside this one that is called after the process; at SIGUSR2 it collects garbage first. In bytes.
/// </summary>
/// <remarks>The runtime wants this name, and no namespace.</remarks>
internal static class StartupHook
{
    private const int UserSignal1 = 10;
    private const int UserSignal2 = 12;

    private static readonly List<PosixSignalRegistration> Registrations = [];

    public static void Initialize()
    {
        var file = Path.Combine(Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        Registrations.Add(PosixSignalRegistration.Create((PosixSignal)UserSignal1, context => Write(context, file, collect: false)));
        Registrations.Add(PosixSignalRegistration.Create((PosixSignal)UserSignal2, context => Write(context, file, collect: true)));
    }

    private static void Write(PosixSignalContext context, string file, bool collect)
    {
        context.Cancel = true;
        if (collect)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }

        // Renamed when complete, so that no reader finds half of it.
        var line = string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalAllocatedBytes(precise: true)} {GC.GetTotalMemory(forceFullCollection: false)}");
        File.WriteAllText(file + ".new", line);
        File.Move(file + ".new", file, overwrite: true);
    }
}
