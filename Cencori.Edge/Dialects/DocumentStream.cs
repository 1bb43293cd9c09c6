using Cencori.Edge.Streams;

namespace Cencori.Edge.Dialects;

/// <summary>
/// Rewrites some members of a JSON document while it streams, and adds members at the end. The document is read once, in pieces that may be cut anywhere.
/// Only copies of values that are written a second time are buffered. Content that is not a JSON object passes unchanged.
/// </summary>
internal abstract partial class DocumentStream(Stream inner) : RewrittenStream(inner)
{
    /// <summary>Number of the document's top level. A derived class assigns numbers to the objects and lists that it rewrites; 0 stands for all others.</summary>
    protected const int Root = 1;

    private const int MaxDepth = 8;

    // Limit of the bytes that are held before a value. A much longer member name is not recognized; white space beyond this length is dropped.
    private const int MaxHeldBytes = 1024;

    private readonly Level[] _levels = new Level[MaxDepth];
    private readonly TextBuffer _held = new();
    private State _state;
    private int _depth;
    private int _nameStart;
    private int _nameEnd;
    private bool _isEscaped;
    private bool _isNameLong;
    private JsonValueScanner _value;
    private MemberHandling _handling;

    private enum State
    {
        Before,
        Member,
        Name,
        Colon,
        BeforeValue,
        Element,
        Value,
        Over,
        Foreign,
    }

    /// <summary>True when the object that receives the added members already has members.</summary>
    protected bool HasMembers
    {
        get => _levels[0].HasMembers;
        set => _levels[0].HasMembers = value;
    }

    /// <summary>Decides how to rewrite a member, or a list element. A list element has an empty name.</summary>
    /// <param name="place">Number of the object or list that contains the member.</param>
    /// <param name="element">Index within the container, from 0.</param>
    /// <param name="name">The name without its quotes.</param>
    /// <param name="first">The first byte of the member's value.</param>
    protected abstract MemberHandling HandlingOf(int place, int element, ReadOnlySpan<byte> name, byte first);

    /// <summary>Adds members at the end of the document, after all of it has arrived.</summary>
    protected abstract void AddMembers();

    protected override void Rewrite(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            piece = piece[Step(piece)..];
        }
    }

    protected override void End()
    {
        if (_state == State.Over)
        {
            AddMembers();
            Output.Append((byte)'}');
        }
        else
        {
            Output.Append(_held.Span);
        }
    }

    protected override void Release() => _held.Clear();

    // Processes some of the bytes. Returns their number; 0 when only the state has changed.
    private int Step(ReadOnlySpan<byte> bytes)
    {
        var next = bytes[0];
        switch (_state)
        {
            case State.Before when StreamStart.Meaningless.Contains(next):
                Output.Append(next);
                return 1;
            case State.Before when next == '{':
                Output.Append(next);
                Open(Root, isList: false);
                return 1;
            case State.Value:
                return ReadValue(bytes);
            case State.Name:
                return ReadName(bytes);
            case State.Member or State.Colon or State.BeforeValue or State.Element when next is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                Hold(next, MaxHeldBytes);
                return 1;
            case State.Member or State.Element when next == ',':
                Hold(next, 2 * MaxHeldBytes);
                return 1;
            case State.Member when next == '"':
                (_nameStart, _isEscaped, _isNameLong, _state) = (_held.Length, false, false, State.Name);
                _held.Append(next);
                return 1;
            case State.Colon when next == ':':
                _held.Append(next);
                _state = State.BeforeValue;
                return 1;
            case State.Member when next == '}':
            case State.Element when next == ']':
                Close(next);
                return 1;
            case State.BeforeValue or State.Element when next is not ((byte)'}' or (byte)']' or (byte)':' or (byte)','):
                return BeginValue(next);
            case State.Over:
                // The document is complete. Bytes after it can only be white space, and are dropped.
                return bytes.Length;
            default:
                Output.Append(_held.Span);
                _held.Clear();
                Output.Append(bytes);
                _state = State.Foreign;
                return bytes.Length;
        }
    }

    private void Open(int place, bool isList)
    {
        _levels[_depth++] = new() { Place = place, IsList = isList };
        _state = isList ? State.Element : State.Member;
    }

    private void Close(byte end)
    {
        Output.Append(_held.Span);
        _held.Clear();
        _depth--;
        if (_depth == 0)
        {
            // The closing brace is written later, after the added members.
            _state = State.Over;
            return;
        }

        Output.Append(end);
        Continue();
    }

    private void Continue() => _state = _levels[_depth - 1].IsList ? State.Element : State.Member;

    private int BeginValue(byte first)
    {
        ref var level = ref _levels[_depth - 1];
        var isMember = _state == State.BeforeValue;
        var name = isMember && !_isNameLong ? _held.Span[(_nameStart + 1)..(_nameEnd - 1)] : default;
        _handling = _isNameLong ? default : HandlingOf(level.Place, level.Elements++, name, first);
        if (_handling.IsDropped)
        {
            _held.Clear();
        }
        else
        {
            WriteHeld(isMember ? _handling.Name : null);
        }

        _isNameLong = false;
        if (_handling.Below > 0 && _depth < MaxDepth)
        {
            Output.Append(first);
            Open(_handling.Below, isList: first == '[');
            return 1;
        }

        _value.Begin(first);
        _state = State.Value;
        return 0;
    }

    private int ReadValue(ReadOnlySpan<byte> bytes)
    {
        var length = _value.Read(bytes, out var isOver);
        if (!_handling.IsDropped)
        {
            Output.Append(bytes[..length]);
        }

        _handling.Copy?.Add(bytes[..length]);
        if (isOver)
        {
            Continue();
        }

        return length;
    }
}
