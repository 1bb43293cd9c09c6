using System.Buffers;
using Cencori.Edge.Bodies;
using Cencori.Edge.Screening.Documents;

namespace Cencori.Edge.Screening.Events;

/// <summary>State of one streamed text that arrives in fragments.</summary>
internal sealed class TextChannel(EventText first, int rules) : IDisposable
{
    private byte[] _event = [];
    private int _eventLength;
    private readonly bool _isFree = first.IsFree;
    private bool? _isJson;

    public ulong Key { get; } = first.Channel;

    public ulong Owner { get; } = first.Owner;

    /// <summary>True when the text is JSON inside a JSON string, such as the arguments of a tool call.</summary>
    public bool IsArguments { get; } = first.IsArguments;

    /// <summary>True when the arguments are a JSON object or list, so far as their beginning shows. Custom tools take free text.</summary>
    public bool IsJson => IsArguments && !_isFree && (_isJson ??= Text.Span.TrimStart() switch { [] => (bool?)null, ['{' or '[', ..] => true, _ => false }) == true;

    /// <summary>Some text that the client already has, as context, followed by the text that is held back.</summary>
    public CharBuffer Text { get; } = new();

    /// <summary>In arguments: whether <see cref="Text"/> begins inside of a string.</summary>
    public JsonStrings Strings { get; private set; }

    /// <summary>Number of characters of <see cref="Text"/> that the client has received.</summary>
    public int Released { get; set; }

    /// <summary>For each rule: the position in <see cref="Text"/> up to which its hits were already counted.</summary>
    public int[] ScannedUpTo { get; } = new int[rules];

    /// <summary>True when the current event had a non-empty fragment of the text.</summary>
    public bool HasGrown { get; set; }

    /// <summary>True when the current event had a fragment of the text, possibly an empty one.</summary>
    public bool IsTouched { get; set; }

    public bool IsHeld => Text.Length > Released;

    /// <summary>True when the choice or item of this text continues with <paramref name="other"/>. The arguments of two tool calls may arrive in turns, so
    /// neither ends the other.</summary>
    public bool IsSupersededBy(TextChannel other) => other.HasGrown && other.Owner == Owner && !(other.IsArguments && IsArguments);

    /// <summary>The last event that carried a fragment, as a template for sending held text.</summary>
    public ReadOnlySpan<byte> Event => _event.AsSpan(0, _eventLength);

    /// <summary>Range of the fragment in <see cref="Event"/>.</summary>
    public ByteRange Inside { get; private set; }

    public void Keep(ReadOnlySpan<byte> text, ByteRange inside)
    {
        if (_event.Length < text.Length)
        {
            ReturnBuffer();
            _event = ArrayPool<byte>.Shared.Rent(text.Length);
        }

        text.CopyTo(_event);
        (_eventLength, Inside) = (text.Length, inside);
    }

    /// <summary>Drops released text, except the end of it: rules need the end as context.</summary>
    /// <param name="context">Number of context characters to keep before the held text.</param>
    public void Trim(int context)
    {
        var from = Math.Max(0, Released - context);
        foreach (var seen in ScannedUpTo)
        {
            from = Math.Min(from, seen);
        }

        if (IsJson)
        {
            var strings = Strings;
            strings.Read(Text.Span[..from]);
            Strings = strings;
        }

        Text.Cut(from);
        Released -= from;
        foreach (ref var seen in ScannedUpTo.AsSpan())
        {
            seen -= from;
        }
    }

    public void Dispose()
    {
        Text.Dispose();
        ReturnBuffer();
    }

    private void ReturnBuffer()
    {
        if (_event.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_event);
            (_event, _eventLength) = ([], 0);
        }
    }
}
