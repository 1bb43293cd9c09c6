using System.Buffers.Binary;

namespace Cencori.Edge.Providers.Sandbox.Media;

/// <summary>Generates audio of a given length in formats that need no encoder: a soft tone, or silence for MP3.</summary>
internal static class Sound
{
    private const int SamplesPerSecond = 24_000;
    private const int HeaderBytes = 44;
    private const double Hertz = 440;
    private const double Loudness = 2_000;

    // One MP3 frame of 576 samples: MPEG-2, layer III, 32 kbit/s, 24 kHz, mono.
    private const int FrameBytes = 96;
    private const int FrameMilliseconds = 24;

    private static ReadOnlySpan<byte> FrameHeader => [0xFF, 0xF3, 0x44, 0xC4];

    /// <summary>16-bit little-endian samples, mono, 24,000 per second: OpenAI's "pcm".</summary>
    public static byte[] Pcm(TimeSpan length)
    {
        var samples = new byte[Samples(length) * sizeof(short)];
        WriteTone(samples);
        return samples;
    }

    public static byte[] Wav(TimeSpan length)
    {
        var samples = Samples(length) * sizeof(short);
        var file = new byte[HeaderBytes + samples];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1); // PCM
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1); // mono
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), SamplesPerSecond);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), SamplesPerSecond * sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 8 * sizeof(short));
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), samples);
        WriteTone(file.AsSpan(HeaderBytes));
        return file;
    }

    /// <summary>Empty frames, which decode to silence.</summary>
    public static byte[] Mp3(TimeSpan length)
    {
        var frames = Math.Max(1, (int)(length.TotalMilliseconds / FrameMilliseconds));
        var file = new byte[frames * FrameBytes];
        for (var at = 0; at < file.Length; at += FrameBytes)
        {
            FrameHeader.CopyTo(file.AsSpan(at));
        }

        return file;
    }

    private static int Samples(TimeSpan length) => (int)(length.TotalSeconds * SamplesPerSecond);

    private static void WriteTone(Span<byte> samples)
    {
        for (var i = 0; i < samples.Length / sizeof(short); i++)
        {
            var value = Loudness * Math.Sin(i * Hertz * Math.Tau / SamplesPerSecond);
            BinaryPrimitives.WriteInt16LittleEndian(samples[(i * sizeof(short))..], (short)value);
        }
    }
}
