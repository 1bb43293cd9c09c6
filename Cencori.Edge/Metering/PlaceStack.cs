using System.Runtime.CompilerServices;

namespace Cencori.Edge.Metering;

/// <summary>The objects and arrays that are open, so far as anything in them matters.</summary>
internal struct PlaceStack
{
    // Nothing that matters is deeper.
    private const int MaxDepth = 16;

    private Places _places;
    private ushort _arrays;
    private int _depth;

    public readonly bool IsEmpty => _depth == 0;

    public readonly AnswerPlace Current => _depth == 0 ? AnswerPlace.Elsewhere : _places[_depth - 1];

    public readonly bool IsInArray => _depth > 0 && ((_arrays >> (_depth - 1)) & 1) != 0;

    /// <summary>The place of what is opened next.</summary>
    public readonly AnswerPlace Below(AnswerField field, bool isArray)
    {
        if (_depth == 0)
        {
            return AnswerPlace.Root;
        }

        return _depth == MaxDepth || (IsInArray && isArray) ? AnswerPlace.Elsewhere
            : IsInArray ? Current
            : Current.Below(field);
    }

    public void Push(AnswerPlace place, bool isArray)
    {
        var bit = (ushort)(1 << _depth);
        _arrays = (ushort)(isArray ? _arrays | bit : _arrays & ~bit);
        _places[_depth++] = place;
    }

    public AnswerPlace Pop() => _depth == 0 ? AnswerPlace.Elsewhere : _places[--_depth];

    [InlineArray(MaxDepth)]
    private struct Places
    {
        private AnswerPlace _first;
    }
}
