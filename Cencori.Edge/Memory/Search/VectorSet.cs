using System.Numerics.Tensors;

namespace Cencori.Edge.Memory.Search;

/// <summary>
/// The vectors of a namespace at one revision. A newer set shares the rows of the older set, and adds rows after the older set's <see cref="Count"/>.
/// A search reads only rows before the <see cref="Count"/> of its set, so added rows do not affect running searches.
/// </summary>
internal sealed class VectorSet
{
    // Rows per array (piece). Small, because the unused rows of the last array waste memory.
    private const int PieceRows = 64;

    private readonly int _dimensions;
    private readonly List<float[]> _pieces = [];
    private long[] _numbers = [];
    private long[] _expiresAt = [];
    private byte[]?[] _metadata = [];
    private long _metadataBytes;

    private VectorSet(int dimensions, int generation, long revision) => (_dimensions, Generation, Revision) = (dimensions, generation, revision);

    /// <summary>Generation of the vectors: a number that changes when the namespace gets another embedding model.</summary>
    public int Generation { get; }

    /// <summary>Revision of the namespace up to which the set has all writes.</summary>
    public long Revision { get; }

    /// <summary>Number of rows, including those of deleted entries.</summary>
    public int Count { get; private set; }

    /// <summary>Number of rows whose entry is deleted.</summary>
    public int DeletedRows { get; private set; }

    /// <summary>Memory that the set uses, in bytes.</summary>
    public long Bytes => (_pieces.Sum(static piece => (long)piece.Length) * sizeof(float)) + (_numbers.Length * (long)(sizeof(long) + sizeof(long) + IntPtr.Size)) + _metadataBytes;

    public static VectorSet Empty(int dimensions, int generation, long revision) => new(dimensions, generation, revision);

    /// <summary>Creates a copy at a later revision, which shares the rows. The caller adds rows before other threads see the copy.</summary>
    public VectorSet At(long revision)
    {
        var next = new VectorSet(_dimensions, Generation, revision) { Count = Count, DeletedRows = DeletedRows };
        next._pieces.AddRange(_pieces);
        (next._numbers, next._expiresAt, next._metadata, next._metadataBytes) = (_numbers, _expiresAt, _metadata, _metadataBytes);
        return next;
    }

    /// <summary>Adds a row. Only the creator of the set may call it, before other threads see the set.</summary>
    public void Add(long number, long expiresAt, byte[]? metadata, ReadOnlySpan<byte> vector)
    {
        var (piece, row) = Math.DivRem(Count, PieceRows);
        if (piece == _pieces.Count)
        {
            _pieces.Add(new float[Math.Min(PieceRows, Math.Max(Count, 4)) * _dimensions]);
        }
        else if (_pieces[piece].Length == row * _dimensions)
        {
            // The first array starts with four rows, so that a small namespace uses little memory. A larger copy replaces the array when it is full. Older sets keep
            // the old array.
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

    /// <summary>Marks the rows of entries that are not in <paramref name="existing"/> as deleted. Only the creator of the set may call it, before other threads
    /// see the set.</summary>
    public void MarkDeletedExcept(HashSet<long> existing)
    {
        var expiresAt = _expiresAt.ToArray();
        DeletedRows = 0;
        for (var i = 0; i < Count; i++)
        {
            if (!existing.Contains(_numbers[i]))
            {
                expiresAt[i] = long.MinValue;
                DeletedRows++;
            }
        }

        _expiresAt = expiresAt;
    }

    /// <summary>Offers every matching entry that is neither deleted nor expired to <paramref name="best"/>, with its cosine similarity.</summary>
    /// <param name="query">Vector of the query.</param>
    /// <param name="filter">Filter on the entries' metadata. Null: every entry matches.</param>
    /// <param name="now">The current Unix time in milliseconds.</param>
    /// <param name="best">Receives the entries.</param>
    /// <param name="only">Offers only entries with these numbers. Null: offers all entries.</param>
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
