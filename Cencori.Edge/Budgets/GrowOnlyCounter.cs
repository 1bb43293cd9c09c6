using Cencori.Edge.Pricing;

namespace Cencori.Edge.Budgets;

/// <summary>This edge's copy of a sum that all edges add to, in nanodollars. The sum only rises, so the largest known value is the latest.</summary>
internal sealed class GrowOnlyCounter
{
    /// <summary>The sum of all edges, as last read from Redis or from the stored records.</summary>
    public long Total { get; private set; }

    /// <summary>The amount that this edge has added since its start.</summary>
    public long Own { get; private set; }

    /// <summary>The part of <see cref="Own"/> that is in <see cref="Total"/>.</summary>
    public long OwnInTotal { get; private set; }

    public long Now => Total + Own - OwnInTotal;

    public bool IsReported => Own == OwnInTotal;

    public void Add(long amount) => Own = Math.Min(Own + amount, Nanodollars.Max);

    /// <summary>Takes over the sum of the stored records.</summary>
    public void Learn(long total) => Total = Math.Max(Total, total - (Own - OwnInTotal));

    /// <summary>
    /// Takes over the sum from Redis, which includes <paramref name="own"/> of <see cref="Own"/>. If the stored records have shown a larger sum
    /// meanwhile, the larger sum stays.
    /// </summary>
    public void Merge(long total, long own) => (Total, OwnInTotal) = (Math.Max(total, Total + own - OwnInTotal), own);
}
