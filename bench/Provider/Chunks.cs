using System.Buffers.Text;
using System.Diagnostics;
using System.IO.Pipelines;

namespace Cencori.Edge.Bench.Provider;

/// <summary>
/// The events of a stream. Each contains its write time as 16 hexadecimal digits of the machine's monotonic clock, where OpenAI has as many
/// random letters. A receiver on the same machine can compute how long the event was on its way.
/// </summary>
internal static class Chunks
{
    private static readonly byte[] Chunk = """data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":"token "},"finish_reason":null}],"obfuscation":"0000000000000000"}"""u8.ToArray().Concat("\n\n"u8.ToArray()).ToArray();
    private static readonly byte[] Usage = """data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":200,"total_tokens":209}}"""u8.ToArray().Concat("\n\n"u8.ToArray()).ToArray();
    private static readonly int Stamp = Chunk.AsSpan().IndexOf("0000000000000000"u8);

    public static async ValueTask SendAsync(PipeWriter response, Pacing pacing, bool withUsage, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        for (var number = 0; number < pacing.Chunks; number++)
        {
            if (pacing.Rate > 0)
            {
                // Relative to the schedule, not to the last chunk, so that a late timer delays one chunk and not all later ones.
                var due = TimeSpan.FromSeconds(number / pacing.Rate) - Stopwatch.GetElapsedTime(began);
                if (due > TimeSpan.Zero)
                {
                    await Task.Delay(due, TimeProvider.System, cancellation);
                }
            }

            Write(response);
            if (pacing.Rate > 0 || number == pacing.Chunks - 1 || response.UnflushedBytes > 16 * 1024)
            {
                await response.FlushAsync(cancellation);
            }
        }

        if (withUsage)
        {
            await response.WriteAsync(Usage, cancellation);
        }
    }

    private static void Write(PipeWriter response)
    {
        var span = response.GetSpan(Chunk.Length);
        Chunk.CopyTo(span);
        Utf8Formatter.TryFormat(Stopwatch.GetTimestamp(), span.Slice(Stamp, 16), out _, new('x', 16));
        response.Advance(Chunk.Length);
    }
}
