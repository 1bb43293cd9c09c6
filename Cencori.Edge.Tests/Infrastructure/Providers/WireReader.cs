using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>Reads lines and counted bytes, independent of how the socket delivers them.</summary>
internal sealed class WireReader(PipeReader input)
{
    public const int MaxBody = 64 * 1024 * 1024;

    public async Task<string> ReadLineAsync() => Encoding.Latin1.GetString(await ReadThroughAsync("\r\n"u8.ToArray()))[..^2];

    public async Task<bool> IsAtEndAsync()
    {
        var read = await input.ReadAsync();
        input.AdvanceTo(read.Buffer.Start);
        return read.Buffer.IsEmpty;
    }

    public async Task<byte[]> ReadThroughAsync(byte[] delimiter)
    {
        while (true)
        {
            var read = await input.ReadAsync();
            var scan = new SequenceReader<byte>(read.Buffer);
            if (scan.TryReadTo(out ReadOnlySequence<byte> _, delimiter))
            {
                var through = read.Buffer.Slice(0, scan.Position).ToArray();
                input.AdvanceTo(scan.Position);
                return through;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            PeerWentAwayException.ThrowIf(read.IsCompleted);
        }
    }

    public async Task CopyAsync(int count, ArrayBufferWriter<byte> body)
    {
        if (body.WrittenCount + (long)count > MaxBody)
        {
            throw new InvalidDataException($"The body is longer than {MaxBody} bytes.");
        }

        while (count > 0)
        {
            var read = await input.ReadAsync();
            var part = read.Buffer.Slice(0, Math.Min(count, read.Buffer.Length));
            foreach (var segment in part)
            {
                body.Write(segment.Span);
            }

            count -= (int)part.Length;
            input.AdvanceTo(part.End);
            PeerWentAwayException.ThrowIf(count > 0 && read.IsCompleted);
        }
    }
}
