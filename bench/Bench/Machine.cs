using System.Globalization;
using System.Runtime.InteropServices;

namespace Cencori.Edge.Bench;

/// <summary>Describes the machine of the figures.</summary>
internal static class Machine
{
    public static string Describe(Run run)
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown processor";
        var memory = long.Parse(File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024 / 1024;
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Results

            Written by `bench/run`: {DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores of {processor}, {memory} GiB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}.
            {run.Cores}. All connections are on loopback: the figures tell what stands in between costs, beside the
            others in the same run, and not what it serves on a machine of its own.

            Medians of {run.Options.Turns} turns of {run.Options.Seconds} s, by turns on each subject, with the least and the most in parentheses (streams: 3 turns at the most).
            Before its first turn with a kind of request each subject had {run.Options.WarmUpSeconds} s of such load.
            × is the median of the ratios to bare YARP in the same turn, since the speed of a machine drifts: the ratio of two medians may be another.
            Every edge decides limits of requests, tokens and concurrency, routes by model, meters, and writes a record of each request.

            """);
    }
}
