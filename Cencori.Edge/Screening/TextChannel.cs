using System.Buffers;
using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>One text of a stream that arrives in fragments.</summary>
internal sealed class TextChannel(EventText first, int rules) : IDisposable
{
    private byte[] _event = [];
    private int _eventLength;

    public ulong Key { get; } = first.Channel;

    public ulong Owner { get; } = first.Owner;

    /// <summary>True when it is JSON inside JSON.</summary>
    public bool IsArguments { get; } = first.IsArguments;

    /// <summary>Released text that may still serve as context, followed by the held text.</summary>
    public CharBuffer Text { get; } = new();

    /// <summary>Number of characters of <see cref="Text"/> that the client has received.</summary>
    public int Released { get; set; }

    /// <summary>For each rule: the position in <see cref="Text"/> from which hits are counted.</summary>
    public int[] Seen { get; } = new int[rules];

    /// <summary>True when the current event had a non-empty fragment of it.</summary>
    public bool HasGrown { get; set; }

    /// <summary>True when the current event had a fragment of it, possibly empty.</summary>
    public bool IsTouched { get; set; }

    public bool IsHeld => Text.Length > Released;

    /// <summary>True when its owner continues with another text. Arguments of several calls may alternate, so they do not count.</summary>
    public bool IsOvertakenBy(TextChannel other) => other.HasGrown && other.Owner == Owner && !(other.IsArguments && IsArguments);

    /// <summary>The last event that carried it, as a template for the rest.</summary>
    public ReadOnlySpan<byte> Event => _event.AsSpan(0, _eventLength);

    /// <summary>Range of the fragment in <see cref="Event"/>.</summary>
    public ByteRange Inside { get; private set; }

    public void Keep(ReadOnlySpan<byte> text, ByteRange inside)
    {
        if (_event.Length < text.Length)
        {
            GiveBack();
            _event = ArrayPool<byte>.Shared.Rent(text.Length);
        }

        text.CopyTo(_event);
        (_eventLength, Inside) = (text.Length, inside);
    }

    /// <summary>Drops text that is no longer needed.</summary>
    /// <param name="context">Number of context characters to keep before the held text.</param>
    public void Trim(int context)
    {
        var from = Math.Max(0, Released - context);
        foreach (var seen in Seen)
        {
            from = Math.Min(from, seen);
        }

        Text.Cut(from);
        Released -= from;
        foreach (ref var seen in Seen.AsSpan())
        {
            seen -= from;
        }
    }

    public void Dispose()
    {
        Text.Dispose();
        GiveBack();
    }

    private void GiveBack()
    {
        if (_event.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_event);
            (_event, _eventLength) = ([], 0);
        }
    }
}
