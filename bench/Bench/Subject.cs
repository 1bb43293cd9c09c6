namespace Cencori.Edge.Bench;

/// <summary>Something that a load can be put on: one process or more, behind one port or more.</summary>
/// <param name="Name">As it stands in the tables.</param>
/// <param name="Ports">On loopback; a load is split among them evenly.</param>
/// <param name="Children">Whose CPU time and memory count as its.</param>
internal sealed record Subject(string Name, int[] Ports, Child[] Children)
{
    private readonly HashSet<byte[]> _warmTo = [];

    /// <summary>What a request needs to pass, beside the caller's key.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>A project key, or what stands for it where there are none.</summary>
    public string Key { get; init; } = "sk-bench-0123456789abcdef";

    /// <summary>For asking an edge for more; null for everything else.</summary>
    public EdgeApi? Api { get; init; }

    /// <summary>Starts another process of it on the same data, on a port of its own; null for what is not started again.</summary>
    public Func<int, Child>? Again { get; init; }

    /// <summary>Its port, where it has a Redis.</summary>
    public int? Redis { get; init; }

    public double CpuSeconds => Children.Sum(child => child.CpuSeconds);

    public long ResidentBytes => Children.Sum(child => child.ResidentBytes);

    /// <summary>Whether this is the first load with such a body; the next one will not be.</summary>
    public bool IsFirst(Load load) => _warmTo.Add(load.Body);

    /// <summary>As <see cref="Child.ReadHeapAsync"/>, of all together.</summary>
    public async Task<(long Allocated, long Heap)?> ReadHeapAsync(bool collect)
    {
        (long Allocated, long Heap) sum = default;
        foreach (var child in Children)
        {
            if (await child.ReadHeapAsync(collect) is not { } heap)
            {
                return null;
            }

            sum = (sum.Allocated + heap.Allocated, sum.Heap + heap.Heap);
        }

        return sum;
    }
}
