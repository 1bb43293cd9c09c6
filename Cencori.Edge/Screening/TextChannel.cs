using System.Buffers;
using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>One text of a stream that comes piece by piece.</summary>
internal sealed class TextChannel(EventText first, int rules) : IDisposable
{
    private byte[] _event = [];
    private int _eventLength;

    public ulong Key { get; } = first.Channel;

    public ulong Owner { get; } = first.Owner;

    /// <summary>It is JSON within JSON.</summary>
    public bool IsArguments { get; } = first.IsArguments;

    /// <summary>What has been released and may matter to what follows, and what is held.</summary>
    public CharBuffer Text { get; } = new();

    /// <summary>Characters of <see cref="Text"/> that the client has.</summary>
    public int Released { get; set; }

    /// <summary>By rule: where in <see cref="Text"/> it goes on counting.</summary>
    public int[] Seen { get; } = new int[rules];

    /// <summary>The event under way had a part of it.</summary>
    public bool HasGrown { get; set; }

    /// <summary>The event under way had a part of it, which may be empty.</summary>
    public bool IsTouched { get; set; }

    public bool IsHeld => Text.Length > Released;

    /// <summary>Its owner goes on with another text. Arguments of several calls may come in turn.</summary>
    public bool IsOvertakenBy(TextChannel other) => other.HasGrown && other.Owner == Owner && !(other.IsArguments && IsArguments);

    /// <summary>The last event that had a part of it, to tell the rest in the same form.</summary>
    public ReadOnlySpan<byte> Event => _event.AsSpan(0, _eventLength);

    /// <summary>Where the part stands in <see cref="Event"/>.</summary>
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

    /// <summary>Forgets what matters no more.</summary>
    /// <param name="context">Characters before what is held that may matter.</param>
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
