using System.Buffers;
using System.Text;
using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Records.Spool;

/// <summary>Writes the members of a record one after the other.</summary>
internal readonly struct FrameWriter(ArrayBufferWriter<byte> target)
{
    // From -1, which stands for nothing.
    public void Number(long value) => target.Advance(Varint.Write(target.GetSpan(Varint.MaxLength), (ulong)(value + 1)));

    public void Text(string? text)
    {
        text = RecordText.Keep(text);
        if (text is null)
        {
            Number(-1);
            return;
        }

        Number(Encoding.UTF8.GetByteCount(text));
        target.Advance(Encoding.UTF8.GetBytes(text, target.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }
}

/// <summary>Reads the members of a record in the order in which they were written.</summary>
internal ref struct FrameReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    public long Number() => (long)Varint.Read(ref _rest) - 1;

    public string? Text()
    {
        if (Number() is not (>= 0 and var length))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(_rest[..(int)length]);
        _rest = _rest[(int)length..];
        return text;
    }
}
