using System.Text;
using BenchmarkDotNet.Attributes;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Bench.Micro;

/// <summary>The single pass over a request body.</summary>
public class RequestScanBench
{
    private readonly byte[] _small = Chat(Quoted("Hello! What can you do for me today, and what should I better ask somebody else?"));
    private readonly byte[] _prompt = Chat(Quoted(Text(8_000)));
    private readonly byte[] _image = Chat($$$"""[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Convert.ToBase64String(Bytes(768 * 1024))}}}"}}]""");

    [Benchmark(Description = "chat of 260 B")]
    public long Small() => Scan(_small);

    [Benchmark(Description = "prompt of 8 KB")]
    public long Prompt() => Scan(_prompt);

    [Benchmark(Description = "image of 1 MB")]
    public long Image() => Scan(_image);

    /// <summary>Also reads everything that a route needs for its choice of a target.</summary>
    [Benchmark(Description = "prompt of 8 KB, for a route")]
    public long Routed() => RequestScanner.TryScan(_prompt, Operation.Chat, NotedFields.Needs | NotedFields.Labels | NotedFields.Prefix, out var scan, out var problem)
        ? scan.Reservation(hasOutput: true)
        : throw new InvalidOperationException(problem.ToString());

    private static long Scan(byte[] body) => RequestScanner.TryScan(body, out var scan, out var problem)
        ? scan.Reservation(hasOutput: true)
        : throw new InvalidOperationException(problem.ToString());

    private static byte[] Chat(string content) => Encoding.UTF8.GetBytes(
        $$"""{"model":"gpt-4o","max_tokens":100,"stream":true,"messages":[{"role":"system","content":"You are a helpful assistant that answers briefly."},{"role":"user","content":{{content}}}]}""");

    private static string Quoted(string text) => $"\"{text}\"";

    // Like prompts: words with occasional line breaks.
    private static string Text(int length) => string.Concat(Enumerable.Repeat("""A prompt is mostly prose, and sometimes \"quotes\" it.\n""", length / 56 + 1))[..length].TrimEnd('\\');

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
