using Cencori.Edge.Pricing;

namespace Cencori.Edge.Budgets;

/// <summary>A sum that all edges add to, as one of them knows it. It only rises, so that the largest that anybody knows is the latest. In nanodollars.</summary>
internal sealed class GrowOnlyCounter
{
    /// <summary>Of all edges, as Redis or the stored records said last.</summary>
    public long Total { get; private set; }

    /// <summary>Added by this edge since it began.</summary>
    public long Own { get; private set; }

    /// <summary>The part of <see cref="Own"/> that is in <see cref="Total"/>.</summary>
    public long OwnInTotal { get; private set; }

    public long Now => Total + Own - OwnInTotal;

    public bool IsReported => Own == OwnInTotal;

    public void Add(long amount) => Own = Math.Min(Own + amount, Nanodollars.Max);

    /// <summary>From the stored records.</summary>
    public void Learn(long total) => Total = Math.Max(Total, total - (Own - OwnInTotal));

    /// <summary>From Redis, with so much of <see cref="Own"/> in it. What the records have said meanwhile may be more.</summary>
    public void Merge(long total, long own) => (Total, OwnInTotal) = (Math.Max(total, Total + own - OwnInTotal), own);
}
