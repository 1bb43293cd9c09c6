namespace Cencori.Edge.Screening.Guardrails;

/// <summary>Circuit breaker of one guardrail: after many failures in a row, only one trial request at a time is sent. Thread-safe.</summary>
internal sealed class GuardrailBreaker(TimeProvider time)
{
    /// <summary>Number of failures in a row that open the circuit.</summary>
    public const int MaxFailures = 5;

    /// <summary>How long the circuit stays open before a trial request.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private int _failures;
    private long _since;
    private bool _isProbed;

    /// <summary>True when the guardrail may be called. After true, the caller must report the result of the call with another method of this class.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_failures < MaxFailures)
            {
                return true;
            }

            if (_isProbed || time.GetElapsedTime(_since) < Rest)
            {
                return false;
            }

            return _isProbed = true;
        }
    }

    public void Succeed()
    {
        lock (_gate)
        {
            (_failures, _isProbed) = (0, false);
        }
    }

    public void Fail()
    {
        lock (_gate)
        {
            (_failures, _since, _isProbed) = (Math.Min(_failures + 1, MaxFailures), time.GetTimestamp(), false);
        }
    }

    /// <summary>Reports that the call was cancelled, which is neither a success nor a failure.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            _isProbed = false;
        }
    }
}
