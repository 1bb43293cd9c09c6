namespace Cencori.Edge.Bodies.Splicing;

/// <summary>Walks once through a body with its splices. Returns runs of contiguous bytes without copying them.</summary>
/// <param name="splices">Sorted by position, and inside the body.</param>
internal struct SplicedRuns(Splice[] splices)
{
    private int _position;
    private int _splice;
    private int _inSplice;

    /// <summary>True when no bytes follow.</summary>
    public readonly bool IsAtEnd(int length) => _position == length && _splice == splices.Length;

    /// <summary>The next contiguous bytes, at most <paramref name="max"/>. Empty at the end.</summary>
    public ReadOnlyMemory<byte> Next(ReadOnlyMemory<byte> original, int max)
    {
        while (_splice < splices.Length && _position == splices[_splice].Range.Start)
        {
            var (range, bytes) = splices[_splice];
            if (_inSplice < bytes.Length)
            {
                var inserted = bytes.Slice(_inSplice, Math.Min(max, bytes.Length - _inSplice));
                _inSplice += inserted.Length;
                return inserted;
            }

            _position = range.End;
            _inSplice = 0;
            _splice++;
        }

        var end = _splice < splices.Length ? splices[_splice].Range.Start : original.Length;
        var run = original.Slice(_position, Math.Min(max, end - _position));
        _position += run.Length;
        return run;
    }

    /// <summary>Copies the next bytes, from the body or from splices.</summary>
    /// <returns>The number of bytes copied. Less than the destination only at the end.</returns>
    public int Fill(ReadOnlyMemory<byte> original, Span<byte> destination)
    {
        var filled = 0;
        while (filled < destination.Length && Next(original, destination.Length - filled) is { IsEmpty: false } run)
        {
            run.Span.CopyTo(destination[filled..]);
            filled += run.Length;
        }

        return filled;
    }
}
