using System.Text;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Reads and replaces the data of one server-sent event.</summary>
internal static class ShadowEvent
{
    private static ReadOnlySpan<byte> Data => "data"u8;

    /// <summary>Returns the data of the event, with its lines joined. An empty array: the event has no data.</summary>
    public static byte[] DataOf(ReadOnlySpan<byte> text)
    {
        var data = new List<byte>(text.Length);
        while (TryTakeLine(ref text, out var line))
        {
            if (IsData(line))
            {
                data.AddRange(line.Length > Data.Length ? line[(Data.Length + 1)..] : []);
                data.Add((byte)'\n');
            }
        }

        return data.TrueForAll(one => one is (byte)' ' or (byte)'\t' or (byte)'\n') ? [] : [.. data];
    }

    /// <summary>Returns the same event with its data replaced.</summary>
    public static string With(ReadOnlySpan<byte> text, string data)
    {
        var lines = new StringBuilder();
        while (TryTakeLine(ref text, out var line))
        {
            if (!line.IsEmpty && !IsData(line))
            {
                lines.Append(Encoding.UTF8.GetString(line)).Append('\n');
            }
        }

        return lines.Append("data: ").Append(data).Append("\n\n").ToString();
    }

    private static bool IsData(ReadOnlySpan<byte> line) => line.StartsWith(Data) && (line.Length == Data.Length || line[Data.Length] == ':');

    private static bool TryTakeLine(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
    {
        if (text.IsEmpty)
        {
            line = default;
            return false;
        }

        var end = text.IndexOfAny((byte)'\r', (byte)'\n');
        line = end < 0 ? text : text[..end];
        text = end < 0 ? [] : text[(end + 1)..];
        if (line.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
        }

        return true;
    }
}
