using System.Runtime.InteropServices;

namespace Cencori.Edge.Tests.Policies.Detectors;

/// <summary>CPU time of this thread. Other work on the machine makes it longer only by what the processor shares.</summary>
internal static class ThreadTime
{
    private const int OfThread = 3;

    public static TimeSpan Of(Action work)
    {
        var before = Now();
        work();
        return Now() - before;
    }

    private static TimeSpan Now()
    {
        Assert.Equal(0, clock_gettime(OfThread, out var time));
        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
    }

    [DllImport("libc")]
    private static extern int clock_gettime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
