using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>A unit vector that depends on the text alone: equal texts lie together, others point elsewhere.</summary>
internal readonly struct EmbeddingVector
{
    private readonly float[] _values;

    private EmbeddingVector(float[] values)
    {
        _values = values;
    }

    public static EmbeddingVector Of(string text, int dimensions)
    {
        var state = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var values = new float[dimensions];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = NextBetweenMinusOneAndOne(ref state);
        }

        var length = MathF.Sqrt(values.Sum(value => value * value));
        for (var i = 0; i < values.Length; i++)
        {
            values[i] /= length;
        }

        return new EmbeddingVector(values);
    }

    public void Write(Utf8JsonWriter json, bool asBase64)
    {
        if (asBase64)
        {
            var bytes = new byte[_values.Length * sizeof(float)];
            for (var i = 0; i < _values.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), _values[i]);
            }

            json.WriteBase64StringValue(bytes);
            return;
        }

        json.WriteStartArray();
        foreach (var value in _values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    // SplitMix64: the framework's seeded Random takes 32 bits only and does not promise the same numbers in its next version.
    private static float NextBetweenMinusOneAndOne(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        return ((mixed >> 40) + 0.5f) / (1 << 23) - 1;
    }
}
