using System.Runtime.CompilerServices;

namespace Cencori.Edge.Metering;

/// <summary>The open objects and arrays whose content the meter reads.</summary>
internal struct LocationStack
{
    // Maximum nesting depth. All values that the meter reads are nested less deeply.
    private const int MaxDepth = 16;

    private Locations _places;
    private ushort _arrays;
    private int _depth;

    public readonly bool IsEmpty => _depth == 0;

    public readonly JsonLocation Current => _depth == 0 ? JsonLocation.Elsewhere : _places[_depth - 1];

    public readonly bool IsInArray => _depth > 0 && ((_arrays >> (_depth - 1)) & 1) != 0;

    /// <summary>The location of the container that opens next.</summary>
    public readonly JsonLocation Below(ResponseField field, bool isArray)
    {
        if (_depth == 0)
        {
            return JsonLocation.Root;
        }

        return _depth == MaxDepth || (IsInArray && isArray) ? JsonLocation.Elsewhere
            : IsInArray ? Current
            : Current.Below(field);
    }

    public void Push(JsonLocation place, bool isArray)
    {
        var bit = (ushort)(1 << _depth);
        _arrays = (ushort)(isArray ? _arrays | bit : _arrays & ~bit);
        _places[_depth++] = place;
    }

    public JsonLocation Pop() => _depth == 0 ? JsonLocation.Elsewhere : _places[--_depth];

    [InlineArray(MaxDepth)]
    private struct Locations
    {
        private JsonLocation _first;
    }
}
