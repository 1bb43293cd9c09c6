using System.Runtime.InteropServices;
using System.Text;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>One request, collected from its frames.</summary>
/// <param name="Connection">Number of the connection, from 1.</param>
/// <param name="Stream">Number of the stream on that connection.</param>
/// <param name="HeaderBlock">As received, compressed.</param>
public sealed record FrameRequest(int Connection, int Stream, byte[] HeaderBlock)
{
    private readonly List<byte> _body = [];

    /// <summary>The part of the body that has arrived.</summary>
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

    /// <summary>The client has ended the request.</summary>
    public bool IsWhole { get; internal set; }

    /// <summary>True if the head has this Content-Length: name 28 of the static table and a literal value.</summary>
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
