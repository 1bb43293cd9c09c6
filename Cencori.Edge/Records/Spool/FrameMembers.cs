using System.Buffers;
using System.Text;
using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Records.Spool;

/// <summary>Writes the members of a record, each after its tag. Each member encodes its length, so that an older edge can skip unknown members.</summary>
internal readonly struct FrameWriter(ArrayBufferWriter<byte> target)
{
    public void Number(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Number(int tag, long value)
    {
        Unsigned((ulong)tag << 1);
        Number(value);
    }

    public void Text(int tag, string text)
    {
        Unsigned(((ulong)tag << 1) | 1);
        Unsigned((ulong)Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, target);
    }

    private void Unsigned(ulong value) => target.Advance(Varint.Write(target.GetSpan(Varint.MaxLength), value));
}

/// <summary>Reads the members of a record, in any order.</summary>
internal ref struct FrameReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <exception cref="InvalidDataException">The number is incomplete.</exception>
    public long Number()
    {
        var value = Varint.Read(ref _rest);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <exception cref="InvalidDataException">The tag is incomplete.</exception>
    public (int Tag, bool IsText) Tag()
    {
        var value = Varint.Read(ref _rest);
        return ((int)Math.Min(value >> 1, int.MaxValue), (value & 1) != 0);
    }

    /// <exception cref="InvalidDataException">The text is incomplete.</exception>
    public ReadOnlySpan<byte> Bytes()
    {
        var length = Varint.Read(ref _rest);
        if (length > (ulong)_rest.Length)
        {
            throw new InvalidDataException("A text is cut off.");
        }

        var bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }
}
