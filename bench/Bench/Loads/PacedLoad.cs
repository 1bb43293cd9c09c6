using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Cencori.Edge.Bench.Subjects;

namespace Cencori.Edge.Bench.Loads;

/// <summary>
/// An open load: sends requests at a fixed rate, independent of earlier responses. So latencies are those of a service in normal use, not of a
/// saturated one.
/// </summary>
internal static class PacedLoad
{
    /// <summary>Requests per second that a subject completes at full load.</summary>
    public static async Task<double> PeakAsync(Subject subject, Load load, int total)
    {
        var began = Stopwatch.GetTimestamp();
        await RunAsync(subject, load, double.PositiveInfinity, total);
        return total / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <returns>Latency of each request in milliseconds, from its scheduled start to its last byte.</returns>
    public static async Task<double[]> RunAsync(Subject subject, Load load, double rate, int total)
    {
        var request = HttpConnection.Prepare(subject, subject.Key, load);
        var latencies = new double[total];
        var idle = new ConcurrentQueue<Lane>();
        var lanes = new Lane[load.Connections];
        for (var number = 0; number < lanes.Length; number++)
        {
            lanes[number] = new Lane(idle);
            await lanes[number].Connection.OpenAsync(subject.Ports[number % subject.Ports.Length]);
            lanes[number].Reading = lanes[number].ReadAsync(latencies);
            idle.Enqueue(lanes[number]);
        }

        await Task.Factory.StartNew(() => Send(request, rate, total, idle, lanes), TaskCreationOptions.LongRunning);
        foreach (var lane in lanes)
        {
            lane.Sent.Writer.Complete();
            await lane.Reading;
            lane.Connection.Dispose();
        }

        return latencies;
    }

    private static void Send(byte[] request, double rate, int total, ConcurrentQueue<Lane> idle, Lane[] lanes)
    {
        var began = Stopwatch.GetTimestamp();
        for (var number = 0; number < total; number++)
        {
            var due = began + (long)(number / rate * Stopwatch.Frequency);
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (left > TimeSpan.Zero)
            {
                Native.Pause(left);
                due = Stopwatch.GetTimestamp();
            }

            Lane? lane;
            while (!idle.TryDequeue(out lane))
            {
                if (lanes.FirstOrDefault(one => one.Reading.IsFaulted) is { } broken)
                {
                    broken.Reading.GetAwaiter().GetResult();
                }

                Native.Pause(TimeSpan.FromMicroseconds(50));
            }

            lane.Sent.Writer.TryWrite((number, due));
            lane.Connection.Send(request);
        }
    }

    private sealed class Lane(ConcurrentQueue<Lane> idle)
    {
        public HttpConnection Connection { get; } = new();

        public Channel<(int Number, long Due)> Sent { get; } = Channel.CreateUnbounded<(int Number, long Due)>(new() { AllowSynchronousContinuations = true });

        public Task Reading { get; set; } = Task.CompletedTask;

        public async Task ReadAsync(double[] latencies)
        {
            await foreach (var (number, due) in Sent.Reader.ReadAllAsync())
            {
                await Connection.ReadResponseAsync();
                latencies[number] = Stopwatch.GetElapsedTime(due).TotalMilliseconds;
                idle.Enqueue(this);
            }
        }
    }
}
