namespace Cencori.Edge.Screening.Events;

/// <summary>Remembers hashes of a stream's texts without findings. Names and ids, for example, come with every event. Fixed size: new entries replace old
/// ones.</summary>
internal sealed class KnownTexts
{
    private const int Size = 128;
    private const int Probes = 4;

    private readonly ulong[] _hashes = new ulong[Size];

    /// <summary>True when the hash is stored.</summary>
    /// <param name="hash">Never 0.</param>
    public bool Has(ulong hash) => Find(hash, hash) >= 0;

    /// <summary>Stores a hash.</summary>
    /// <param name="hash">Never 0.</param>
    public void Add(ulong hash) => _hashes[Find(hash, 0) is >= 0 and var free ? free : SlotOf(hash, 0)] = hash;

    private static int SlotOf(ulong hash, int probe) => (int)(((hash >> 32) + (ulong)probe) % Size);

    private int Find(ulong hash, ulong sought)
    {
        for (var probe = 0; probe < Probes; probe++)
        {
            if (_hashes[SlotOf(hash, probe)] == sought)
            {
                return SlotOf(hash, probe);
            }
        }

        return -1;
    }
}
