using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Cencori.Edge.Memory;

/// <summary>Normalizes and serializes vectors.</summary>
internal static class Vectors
{
    /// <summary>Scales a vector to length 1, so that a dot product is the cosine.</summary>
    /// <returns>False: the vector is zero or has a number that is not finite.</returns>
    public static bool TryNormalize(Span<float> vector)
    {
        // The vector is first divided by its largest number, because squares of very large or very small floats overflow or become 0.
        var largest = TensorPrimitives.MaxMagnitude(vector);
        if (!float.IsFinite(largest) || largest == 0)
        {
            return false;
        }

        TensorPrimitives.Divide(vector, MathF.Abs(largest), vector);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
        return true;
    }

    public static byte[] ToBytes(ReadOnlySpan<float> vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(vector).CopyTo(bytes);
            return bytes;
        }

        for (var i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        }

        return bytes;
    }

    /// <summary>Fills a vector from stored bytes.</summary>
    public static void FromBytes(ReadOnlySpan<byte> bytes, Span<float> vector)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(vector);
            return;
        }

        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        }
    }
}
