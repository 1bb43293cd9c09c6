using System.Collections.Concurrent;

namespace Cencori.Edge.Telemetry;

/// <summary>One <see cref="ThrottledWarning"/> per subject. Thread-safe.</summary>
/// <remarks>Keeps a limited number of subjects; when the limit is reached, it removes all of them. Subjects must not be text of a caller or a provider.</remarks>
internal sealed class ThrottledWarnings(TimeProvider time, int most = 1)
{
    private const int MaxSubjects = 10_000;

    private readonly ConcurrentDictionary<string, ThrottledWarning> _subjects = new(StringComparer.Ordinal);

    /// <summary>True: the caller of this method must log the warning about the subject now.</summary>
    public bool IsDue(string subject)
    {
        if (!_subjects.TryGetValue(subject, out var warning))
        {
            if (_subjects.Count >= MaxSubjects)
            {
                _subjects.Clear();
            }

            warning = _subjects.GetOrAdd(subject, static (_, warnings) => new(warnings.time, warnings.most), (time, most));
        }

        return warning.IsDue();
    }
}
