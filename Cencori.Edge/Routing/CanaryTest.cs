namespace Cencori.Edge.Routing;

/// <summary>
/// Whether a canary fails at least twice as often as the stable target, and not by chance. Looked at after every request, for as long as there are any: it is Page's
/// cumulative sum. Each failure of one of the two tells a little, by how likely it is the canary's if both fail alike, and if the canary fails twice as often.
/// </summary>
/// <remarks>
/// Where both fail alike, <see cref="Enough"/> comes about by chance less than once in so many failures as <see cref="Enough"/> is the logarithm of (Lorden's bound), however
/// long the canary stays. A share that is looked at again and again would be passed by chance soon. The figures begin where the evidence does: long good times hide nothing.
/// Not safe for use by several threads.
/// </remarks>
/// <param name="share">Of what both are asked, the part that the canary is to have; above 0, below 1.</param>
internal sealed class CanaryTest(double share)
{
    /// <summary>Requests of the canary that are looked at, at least.</summary>
    public const int MinRequests = 200;

    /// <summary>Whoever fails less often is good enough, however good the stable one is.</summary>
    public const double MinFailing = 0.02;

    /// <summary>How often it fails for each time that the stable one does.</summary>
    public const double Times = 2;

    // The figures are those of the last so many requests of the canary, or fewer.
    private const int MaxRequests = 4_000;

    // Its share is what it has been of late: one user may send many for a while. Taken over a longer time, that user's failures would be too many.
    private const double Memory = 1 / 128d;

    /// <summary>Evidence that is enough: one to a million.</summary>
    public static readonly double Enough = Math.Log(1e6);

    private double _share = share;
    private double _evidence;

    /// <summary>Since there is any evidence.</summary>
    public CanaryFigures Figures { get; private set; }

    /// <summary>A request of one of the two has ended.</summary>
    /// <returns>The canary is to be stopped.</returns>
    public bool Add(bool isCanary, bool hasFailed)
    {
        if (hasFailed)
        {
            // With twice the failures, 2s/(1+s) of all are the canary's in place of s.
            _evidence = Math.Clamp(_evidence + (isCanary ? Math.Log(Times) : 0) - Math.Log(1 + ((Times - 1) * _share)), 0, Enough);
        }

        _share += ((isCanary ? 1 : 0) - _share) * Memory;
        Figures = _evidence == 0 ? default : Figures.With(isCanary, hasFailed);
        Figures = Figures.Requests >= MaxRequests ? Figures.Halved() : Figures;
        return _evidence >= Enough && Figures.Requests >= MinRequests && Figures.Failing >= Math.Max(MinFailing, Times * Figures.StableFailing);
    }
}

/// <summary>What came of the requests of a canary and of its stable target.</summary>
/// <param name="Requests">Of the canary.</param>
/// <param name="Failures">Of these.</param>
/// <param name="StableRequests">Of the stable target in the same time.</param>
/// <param name="StableFailures">Of these.</param>
public readonly record struct CanaryFigures(long Requests, long Failures, long StableRequests, long StableFailures)
{
    internal double Failing => Requests == 0 ? 0 : (double)Failures / Requests;

    internal double StableFailing => StableRequests == 0 ? 0 : (double)StableFailures / StableRequests;

    internal CanaryFigures With(bool isCanary, bool hasFailed) => isCanary
        ? this with { Requests = Requests + 1, Failures = Failures + (hasFailed ? 1 : 0) }
        : this with { StableRequests = StableRequests + 1, StableFailures = StableFailures + (hasFailed ? 1 : 0) };

    internal CanaryFigures Halved() => new(Requests / 2, Failures / 2, StableRequests / 2, StableFailures / 2);
}
