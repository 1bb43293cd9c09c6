using Cencori.Edge.Bench.Loads;

namespace Cencori.Edge.Bench.Subjects;

/// <summary>A program under load: one or more processes behind one or more ports.</summary>
/// <param name="Name">Its name in the tables.</param>
/// <param name="Ports">Loopback ports; a load is split evenly among them.</param>
/// <param name="Children">The processes whose CPU time and memory are counted.</param>
internal sealed record Subject(string Name, int[] Ports, Child[] Children)
{
    private readonly HashSet<byte[]> _warmTo = [];

    /// <summary>Headers that requests need besides the caller's key.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>A project key, or a placeholder for subjects without keys.</summary>
    public string Key { get; init; } = "sk-bench-0123456789abcdef";

    /// <summary>The edge's administration API; null for other subjects.</summary>
    public EdgeApi? Api { get; init; }

    /// <summary>Starts another process on the same data and another port; null: it cannot be started again.</summary>
    public Func<int, Child>? Again { get; init; }

    /// <summary>The port of its Redis; null: it has none.</summary>
    public int? Redis { get; init; }

    public double CpuSeconds => Children.Sum(child => child.CpuSeconds);

    public long ResidentBytes => Children.Sum(child => child.ResidentBytes);

    /// <summary>True for the first load with this body, false afterwards.</summary>
    public bool IsFirst(Load load) => _warmTo.Add(load.Body);

    /// <summary>As <see cref="Child.ReadHeapAsync"/>, summed over all processes.</summary>
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
