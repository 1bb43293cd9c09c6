using System.Numerics.Tensors;

namespace Cencori.Edge.Memory;

/// <summary>
/// The vectors of a namespace at one revision. What is added later is written behind <see cref="Count"/>, where nobody looks who has an
/// older set: whoever searches goes on undisturbed.
/// </summary>
internal sealed class VectorSet
{
    // Rows of one piece. Small, as a namespace with a few entries takes one all the same.
    private const int PieceRows = 64;

    private readonly int _dimensions;
    private readonly List<float[]> _pieces = [];
    private long[] _numbers = [];
    private long[] _expiresAt = [];
    private byte[]?[] _metadata = [];
    private long _metadataBytes;

    private VectorSet(int dimensions, int generation, long revision) => (_dimensions, Generation, Revision) = (dimensions, generation, revision);

    /// <summary>Whose vectors they are.</summary>
    public int Generation { get; }

    /// <summary>All that was written until then is there.</summary>
    public long Revision { get; }

    /// <summary>Rows, with those that are gone.</summary>
    public int Count { get; private set; }

    /// <summary>Rows of which the entry is gone.</summary>
    public int Gone { get; private set; }

    /// <summary>Memory that it takes.</summary>
    public long Bytes => (_pieces.Sum(static piece => (long)piece.Length) * sizeof(float)) + (_numbers.Length * (long)(sizeof(long) + sizeof(long) + IntPtr.Size)) + _metadataBytes;

    public static VectorSet Empty(int dimensions, int generation, long revision) => new(dimensions, generation, revision);

    /// <summary>The same at a later revision, to which rows are added before anybody else sees it.</summary>
    public VectorSet At(long revision)
    {
        var next = new VectorSet(_dimensions, Generation, revision) { Count = Count, Gone = Gone };
        next._pieces.AddRange(_pieces);
        (next._numbers, next._expiresAt, next._metadata, next._metadataBytes) = (_numbers, _expiresAt, _metadata, _metadataBytes);
        return next;
    }

    /// <summary>Only by who has made it, before others see it.</summary>
    public void Add(long number, long expiresAt, byte[]? metadata, ReadOnlySpan<byte> vector)
    {
        var (piece, row) = Math.DivRem(Count, PieceRows);
        if (piece == _pieces.Count)
        {
            _pieces.Add(new float[Math.Min(PieceRows, Math.Max(Count, 4)) * _dimensions]);
        }
        else if (_pieces[piece].Length == row * _dimensions)
        {
            // The first one grows. Who has an older set keeps the piece that it had.
            var larger = new float[Math.Min(PieceRows, row * 2) * _dimensions];
            _pieces[piece].CopyTo(larger, 0);
            _pieces[piece] = larger;
        }

        if (Count == _numbers.Length)
        {
            var size = Math.Max(4, Count * 2);
            Array.Resize(ref _numbers, size);
            Array.Resize(ref _expiresAt, size);
            Array.Resize(ref _metadata, size);
        }

        Vectors.FromBytes(vector, _pieces[piece].AsSpan(row * _dimensions, _dimensions));
        (_numbers[Count], _expiresAt[Count], _metadata[Count]) = (number, expiresAt, metadata);
        _metadataBytes += metadata is null ? 0 : metadata.Length + 24;
        Count++;
    }

    /// <summary>Only by who has made it: marks rows whose entries are gone.</summary>
    public void Keep(HashSet<long> there)
    {
        var expiresAt = _expiresAt.ToArray();
        Gone = 0;
        for (var i = 0; i < Count; i++)
        {
            if (!there.Contains(_numbers[i]))
            {
                expiresAt[i] = long.MinValue;
                Gone++;
            }
        }

        _expiresAt = expiresAt;
    }

    /// <summary>Offers every entry that is there and fits, with its cosine.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="filter">Null: every entry.</param>
    /// <param name="now">When, in milliseconds of Unix time.</param>
    /// <param name="best">Gets them.</param>
    /// <param name="only">Only these. Null: all of them.</param>
    public void Scan(ReadOnlySpan<float> query, MemoryFilter? filter, long now, TopMemories best, HashSet<long>? only = null)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_expiresAt[i] > now && (only is null || only.Contains(_numbers[i])) && (filter is null || filter.Matches(_metadata[i])))
            {
                var (piece, row) = Math.DivRem(i, PieceRows);
                best.Offer(_numbers[i], TensorPrimitives.Dot(query, _pieces[piece].AsSpan(row * _dimensions, _dimensions)));
            }
        }
    }
}
