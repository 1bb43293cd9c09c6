using System.Runtime.InteropServices;

namespace Cencori.Edge.Bench;

/// <summary>System calls that .NET does not offer.</summary>
internal static partial class Native
{
    public const int UserSignal1 = 10;
    public const int UserSignal2 = 12;
    public const int Terminate = 15;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    /// <summary>CPU time of all threads of a process, including ended ones. /proc has only a resolution of hundredths of a second.</summary>
    public static TimeSpan CpuTime(int pid)
    {
        // Computes the clock id as clock_getcpuclockid does.
        const int schedulerClock = 2;
        return ClockGetTime((~pid << 3) | schedulerClock, out var time) == 0
            ? TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / 100))
            : throw new BenchException($"Process {pid} has ended.");
    }

    /// <summary>A pause exact to tens of microseconds; .NET timers are exact only to a millisecond or two.</summary>
    public static void Pause(TimeSpan time)
    {
        var request = new Timespec { Seconds = time.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = time.Ticks % TimeSpan.TicksPerSecond * 100 };
        _ = NanoSleep(in request, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in Timespec request, nint remaining);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
