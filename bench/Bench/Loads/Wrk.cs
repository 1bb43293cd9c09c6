using System.Globalization;
using System.Text;
using Cencori.Edge.Bench.Subjects;

namespace Cencori.Edge.Bench.Loads;

/// <summary>The results of wrk.</summary>
/// <param name="Requests">Number of completed requests.</param>
/// <param name="Seconds">Duration.</param>
/// <param name="P50">In milliseconds, like the others.</param>
/// <param name="P99">99th percentile of latencies.</param>
/// <param name="P999">99.9th percentile of latencies.</param>
/// <param name="Refused">Responses with status 400 or higher.</param>
/// <param name="Broken">Failed connections, reads and writes, and timeouts.</param>
internal sealed record WrkResult(long Requests, double Seconds, double P50, double P99, double P999, long Refused, long Broken);

/// <summary>A closed load: each connection sends its next request when the response is complete.</summary>
internal static class Wrk
{
    // Prepares up to ten thousand requests. If there is only one, wrk prepares it without this script.
    private const string Script = """
        local function lines(name) local all = {} for line in io.lines(name) do all[#all + 1] = line end return all end
        local file = io.open("@body", "rb")
        local body = file:read("*a")
        file:close()
        local headers = { @headers }
        local keys = lines("@keys")
        local prepared, at = {}, 0
        function init()
          for i, key in ipairs(keys) do
            headers["Authorization"] = "Bearer " .. key
            prepared[i] = wrk.format("POST", "/v1/chat/completions", headers, body)
          end
        end
        if #keys == 1 then
          headers["Authorization"] = "Bearer " .. keys[1]
          wrk.method, wrk.body, wrk.headers = "POST", body, headers
        else
          function request() at = at % #prepared + 1 return prepared[at] end
        end
        function done(summary, latency)
          local errors = summary.errors
          print(string.format("RESULT %d %d %f %f %f %d %d", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
            errors.status, errors.connect + errors.read + errors.write + errors.timeout))
        end
        """;

    public static async Task<WrkResult> RunAsync(Run run, Subject subject, Load load, IReadOnlyList<string> keys, double seconds)
    {
        var results = await Task.WhenAll(subject.Ports.Select(port => RunAsync(run, port, subject, load, keys, seconds)));
        return new(
            results.Sum(result => result.Requests), results.Max(result => result.Seconds), results.Average(result => result.P50), results.Average(result => result.P99),
            results.Average(result => result.P999), results.Sum(result => result.Refused), results.Sum(result => result.Broken));
    }

    private static async Task<WrkResult> RunAsync(Run run, int port, Subject subject, Load load, IReadOnlyList<string> keys, double seconds)
    {
        var name = Path.Combine(run.Directory, $"wrk-{port}");
        await File.WriteAllBytesAsync(name + ".body", load.Body);
        await File.WriteAllLinesAsync(name + ".keys", keys);
        var headers = subject.Headers.Append(new("Content-Type", "application/json")).Append(new("User-Agent", load.UserAgent));
        var list = new StringBuilder().AppendJoin(", ", headers.Select(header => $"""["{header.Key}"] = "{header.Value}" """));
        await File.WriteAllTextAsync(name + ".lua", Script.Replace("@body", name + ".body", StringComparison.Ordinal).Replace("@keys", name + ".keys", StringComparison.Ordinal).Replace("@headers", list.ToString(), StringComparison.Ordinal));
        var output = await run.RunAsync(
            "wrk", "-t1", $"-c{Math.Max(1, load.Connections / subject.Ports.Length)}", string.Create(CultureInfo.InvariantCulture, $"-d{Math.Max(1, Math.Round(seconds))}s"), "--timeout", "30s", "-s", name + ".lua",
            $"http://127.0.0.1:{port}/v1/chat/completions");
        var fields = output.Split('\n').First(line => line.StartsWith("RESULT ", StringComparison.Ordinal)).Split(' ');
        double Field(int at) => double.Parse(fields[at], CultureInfo.InvariantCulture);
        return new((long)Field(1), Field(2) / 1e6, Field(3) / 1e3, Field(4) / 1e3, Field(5) / 1e3, (long)Field(6), (long)Field(7));
    }
}

/// <summary>A load on a subject.</summary>
/// <param name="Body">The request body.</param>
/// <param name="Connections">Number of concurrent connections.</param>
/// <param name="UserAgent">Tells the provider how to respond.</param>
internal sealed record Load(byte[] Body, int Connections, string UserAgent = "bench");
