namespace Cencori.Edge.Routing.Routes;

/// <summary>
/// Decides whether a canary fails at least twice as often as the stable target, and not by chance. The test runs after every request, with Page's cumulative sum (CUSUM).
/// Each failure adds evidence: the log-likelihood ratio of "the canary fails twice as often" against "both fail alike".
/// </summary>
/// <remarks>
/// If both fail alike, the evidence reaches <see cref="StopThreshold"/> by chance less than once in exp(<see cref="StopThreshold"/>) failures (Lorden's bound), however long the canary runs.
/// The failure rate would soon cross a simple threshold by chance, because the test runs so often. The counts restart whenever the evidence returns to zero,
/// so a long period without failures does not hide later ones. Not thread-safe.
/// </remarks>
/// <param name="share">The canary's configured share of the requests that both targets get; above 0, below 1.</param>
internal sealed class CanaryTest(double share)
{
    /// <summary>Minimum number of canary requests before a decision.</summary>
    public const int MinRequests = 200;

    /// <summary>A canary with a lower failure rate is never stopped, even if the stable target never fails.</summary>
    public const double MinFailing = 0.02;

    /// <summary>A canary is stopped only if its failure rate is at least this many times the failure rate of the stable target.</summary>
    public const double Times = 2;

    // When the counts include this many requests of the canary, all counts are halved, so that recent requests matter more.
    private const int MaxRequests = 4_000;

    // Weight of one request in the average of the canary's recent share. The test uses that average: with the configured share, one user with many requests would weigh too much.
    private const double Memory = 1 / 128d;

    /// <summary>A canary is stopped when the evidence reaches this value. It is the natural logarithm of a likelihood ratio of one million.</summary>
    public static readonly double StopThreshold = Math.Log(1e6);

    private double _share = share;
    private double _evidence;

    /// <summary>The counts of requests and failures since the evidence last left zero.</summary>
    public CanaryFigures Figures { get; private set; }

    /// <summary>Counts an ended request of the canary or the stable target.</summary>
    /// <returns>True: stop the canary.</returns>
    public bool Add(bool isCanary, bool hasFailed)
    {
        if (hasFailed)
        {
            // With the share s: if the canary fails twice as often, its part of all failures is 2s/(1+s) instead of s.
            _evidence = Math.Clamp(_evidence + (isCanary ? Math.Log(Times) : 0) - Math.Log(1 + ((Times - 1) * _share)), 0, StopThreshold);
        }

        _share += ((isCanary ? 1 : 0) - _share) * Memory;
        Figures = _evidence == 0 ? default : Figures.With(isCanary, hasFailed);
        Figures = Figures.Requests >= MaxRequests ? Figures.Halved() : Figures;
        return _evidence >= StopThreshold && Figures.Requests >= MinRequests && Figures.Failing >= Math.Max(MinFailing, Times * Figures.StableFailing);
    }
}

/// <summary>Counts of the requests of a canary and of its stable target.</summary>
/// <param name="Requests">Requests of the canary.</param>
/// <param name="Failures">Failed requests of the canary.</param>
/// <param name="StableRequests">Requests of the stable target in the same time.</param>
/// <param name="StableFailures">Failed requests of the stable target.</param>
public readonly record struct CanaryFigures(long Requests, long Failures, long StableRequests, long StableFailures)
{
    internal double Failing => Requests == 0 ? 0 : (double)Failures / Requests;

    internal double StableFailing => StableRequests == 0 ? 0 : (double)StableFailures / StableRequests;

    internal CanaryFigures With(bool isCanary, bool hasFailed) => isCanary
        ? this with { Requests = Requests + 1, Failures = Failures + (hasFailed ? 1 : 0) }
        : this with { StableRequests = StableRequests + 1, StableFailures = StableFailures + (hasFailed ? 1 : 0) };

    internal CanaryFigures Halved() => new(Requests / 2, Failures / 2, StableRequests / 2, StableFailures / 2);
}
