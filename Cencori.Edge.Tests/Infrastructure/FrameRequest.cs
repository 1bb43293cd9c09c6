using System.Runtime.InteropServices;
using System.Text;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>One request as its frames told it.</summary>
/// <param name="Connection">Counts connections from 1.</param>
/// <param name="Stream">Its number on that connection.</param>
/// <param name="HeaderBlock">Compressed as it came.</param>
public sealed record FrameRequest(int Connection, int Stream, byte[] HeaderBlock)
{
    private readonly List<byte> _body = [];

    /// <summary>What of it has arrived.</summary>
    public string BodyText
    {
        get
        {
            lock (_body)
            {
                return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(_body));
            }
        }
    }

    /// <summary>The client has ended it.</summary>
    public bool IsWhole { get; internal set; }

    /// <summary>True where the head promises a body of this length: name 28 of the static table, and the value as it is.</summary>
    public bool Promises(int length)
    {
        var digits = Encoding.ASCII.GetBytes($"{length}");
        byte[] field = [0x0F, 0x0D, (byte)digits.Length, .. digits];
        return HeaderBlock.AsSpan().IndexOf(field) >= 0;
    }

    internal void Append(ReadOnlySpan<byte> data)
    {
        lock (_body)
        {
            _body.AddRange(data);
        }
    }
}
