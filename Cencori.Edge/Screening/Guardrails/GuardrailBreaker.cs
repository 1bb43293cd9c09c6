namespace Cencori.Edge.Screening.Guardrails;

/// <summary>Leaves a guardrail alone that has failed many times in a row, but for one request at a time that tries it. Safe for use from several threads.</summary>
internal sealed class GuardrailBreaker(TimeProvider time)
{
    /// <summary>Failures in a row after which it is left alone.</summary>
    public const int MaxFailures = 5;

    /// <summary>For how long.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private int _failures;
    private long _since;
    private bool _isTried;

    /// <summary>Whether it may be asked. Whoever gets that tells by one of the others how it went.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_failures < MaxFailures)
            {
                return true;
            }

            if (_isTried || time.GetElapsedTime(_since) < Rest)
            {
                return false;
            }

            return _isTried = true;
        }
    }

    public void Succeed()
    {
        lock (_gate)
        {
            (_failures, _isTried) = (0, false);
        }
    }

    public void Fail()
    {
        lock (_gate)
        {
            (_failures, _since, _isTried) = (Math.Min(_failures + 1, MaxFailures), time.GetTimestamp(), false);
        }
    }

    /// <summary>Its response was not waited for.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _isTried = false;
        }
    }
}
