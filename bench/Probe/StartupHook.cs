using System.Globalization;
using System.Runtime.InteropServices;

/// <summary>
/// Loaded into each measured .NET process through its diagnostic port while it runs. So all processes are measured in the same way, without code in
/// them and without a cost at their start. On SIGUSR1 it writes the allocated bytes and the heap size to a file beside this assembly,
/// named after the process. On SIGUSR2 it runs a garbage collection first.
/// </summary>
/// <remarks>The runtime requires this class name and no namespace.</remarks>
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

        // Renamed when complete, so that no reader sees half a file.
        var line = string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalAllocatedBytes(precise: true)} {GC.GetTotalMemory(forceFullCollection: false)}");
        File.WriteAllText(file + ".new", line);
        File.Move(file + ".new", file, overwrite: true);
    }
}
