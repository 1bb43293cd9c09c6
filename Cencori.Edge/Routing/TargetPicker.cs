using System.Collections.Immutable;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Routing;

/// <summary>Who of several credentials is asked: of those that can be, one of the lowest rank, by weight. Pure but for its dice.</summary>
internal static class TargetPicker
{
    /// <summary>Credentials of one provider that can be told apart here.</summary>
    public const int Most = 64;

    /// <param name="all">By rank.</param>
    /// <param name="open">A bit for each that can be asked.</param>
    /// <param name="dice">From 0 to below 1.</param>
    /// <returns>Its place; -1: there is none.</returns>
    public static int Pick(ImmutableArray<ProviderCredential> all, ulong open, double dice)
    {
        // Those that are drained only where there is no other of any rank.
        var usual = open & ~Drained(all);
        open = usual == 0 ? open : usual;
        if (open == 0)
        {
            return -1;
        }

        var rank = int.MaxValue;
        long weights = 0;
        for (var place = 0; place < all.Length; place++)
        {
            if (Has(open, place) && all[place].Rank <= rank)
            {
                weights = all[place].Rank < rank ? 0 : weights;
                rank = all[place].Rank;
                weights += Share(all[place], usual);
            }
        }

        var rest = (long)(dice * weights);
        var last = -1;
        for (var place = 0; place < all.Length; place++)
        {
            if (Has(open, place) && all[place].Rank == rank)
            {
                last = place;
                rest -= Share(all[place], usual);
                if (rest < 0)
                {
                    break;
                }
            }
        }

        return last;
    }

    // Where all are drained, each is like the others.
    private static int Share(ProviderCredential credential, ulong usual) => usual == 0 ? 1 : credential.Weight;

    private static bool Has(ulong set, int place) => (set >> place & 1) != 0;

    private static ulong Drained(ImmutableArray<ProviderCredential> all)
    {
        ulong drained = 0;
        for (var place = 0; place < all.Length; place++)
        {
            drained |= all[place].Weight == 0 ? 1UL << place : 0;
        }

        return drained;
    }
}
