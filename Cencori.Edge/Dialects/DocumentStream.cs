using Cencori.Edge.Streams;

namespace Cencori.Edge.Dialects;

/// <summary>
/// A JSON document that passes as it comes, but for some of its members, and for what is added where it ends. It is read once, cut anywhere,
/// and nothing of it is held but what is told again. What is no JSON object passes as it is.
/// </summary>
internal abstract class DocumentStream(Stream inner) : RewrittenStream(inner)
{
    /// <summary>The document itself. Others are numbered by the descendant; 0 is any place in which nothing matters.</summary>
    protected const int Root = 1;

    private const int DeepestPlace = 8;

    // Longer names mean nothing; of longer white space the rest is left out.
    private const int MaxHeldBytes = 1024;

    private readonly Level[] _levels = new Level[DeepestPlace];
    private readonly TextBuffer _held = new();
    private State _state;
    private int _depth;
    private int _nameStart;
    private int _nameEnd;
    private bool _isEscaped;
    private bool _isNameLong;
    private RawValue _value;
    private MemberFate _fate;

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

    /// <summary>Where members that are added belong.</summary>
    protected bool HasMembers
    {
        get => _levels[0].HasMembers;
        set => _levels[0].HasMembers = value;
    }

    /// <summary>What becomes of a member, or of an element, whose name is empty.</summary>
    /// <param name="place">Of the object or list that it is in.</param>
    /// <param name="element">Of an element: which it is, from 0.</param>
    /// <param name="name">As it stands between the quotes.</param>
    /// <param name="first">The first byte of its value.</param>
    protected abstract MemberFate FateOf(int place, int element, ReadOnlySpan<byte> name, byte first);

    /// <summary>Adds members where the document ends. All of it has come.</summary>
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

    // Returns the bytes read; 0 where only the state has changed.
    private int Step(ReadOnlySpan<byte> bytes)
    {
        var next = bytes[0];
        switch (_state)
        {
            case State.Before when Beginning.Meaningless.Contains(next):
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
                // White space.
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
            // Where members are added, when nothing more comes.
            _state = State.Over;
            return;
        }

        Output.Append(end);
        Continue();
    }

    private void Continue() => _state = _levels[_depth - 1].IsList ? State.Element : State.Member;

    private void Hold(byte next, int most)
    {
        if (_held.Length < most)
        {
            _held.Append(next);
        }
    }

    private int ReadName(ReadOnlySpan<byte> bytes)
    {
        var end = _isEscaped ? 0 : bytes.IndexOfAny((byte)'"', (byte)'\\');
        var isEnd = end >= 0 && !_isEscaped && bytes[end] == '"';
        _isEscaped = end >= 0 && !_isEscaped && bytes[end] == '\\';
        var read = end < 0 ? bytes.Length : end + 1;
        _held.Append(bytes[..read]);
        if (isEnd)
        {
            (_nameEnd, _state) = (_held.Length, State.Colon);
        }
        else if (_held.Length > 2 * MaxHeldBytes)
        {
            // It passes as it comes.
            PassHeld(default);
            _isNameLong = true;
        }

        return read;
    }

    private int BeginValue(byte first)
    {
        ref var level = ref _levels[_depth - 1];
        var isMember = _state == State.BeforeValue;
        var name = isMember && !_isNameLong ? _held.Span[(_nameStart + 1)..(_nameEnd - 1)] : default;
        _fate = _isNameLong ? default : FateOf(level.Place, level.Elements++, name, first);
        if (_fate.IsDropped)
        {
            _held.Clear();
        }
        else
        {
            PassHeld(isMember ? _fate.Name : null);
        }

        _isNameLong = false;
        if (_fate.Below > 0 && _depth < DeepestPlace)
        {
            Output.Append(first);
            Open(_fate.Below, isList: first == '[');
            return 1;
        }

        _value.Begin(first);
        _state = State.Value;
        return 0;
    }

    private int ReadValue(ReadOnlySpan<byte> bytes)
    {
        var length = _value.Read(bytes, out var isOver);
        if (!_fate.IsDropped)
        {
            Output.Append(bytes[..length]);
        }

        _fate.Copy?.Add(bytes[..length]);
        if (isOver)
        {
            Continue();
        }

        return length;
    }

    // What stands before a value. The first member that passes has no comma before it, whatever was before it.
    private void PassHeld(string? name)
    {
        ref var level = ref _levels[_depth - 1];
        var held = _held.Span;
        if (!level.HasMembers && held.IndexOf((byte)',') is >= 0 and var comma && (level.IsList || comma < _nameStart))
        {
            Output.Append(held[..comma]);
            held = held[(comma + 1)..];
        }

        var start = held.Length - (_held.Length - _nameStart);
        if (name is null)
        {
            Output.Append(held);
        }
        else
        {
            Output.Append(held[..(start + 1)]);
            Output.Append(System.Text.Encoding.ASCII.GetBytes(name));
            Output.Append(held[(start + _nameEnd - _nameStart - 1)..]);
        }

        level.HasMembers = true;
        _held.Clear();
        (_nameStart, _nameEnd) = (0, 0);
    }

    private struct Level
    {
        public int Place;
        public bool IsList;
        public bool HasMembers;
        public int Elements;
    }
}
