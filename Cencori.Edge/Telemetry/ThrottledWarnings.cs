using System.Collections.Concurrent;

namespace Cencori.Edge.Telemetry;

/// <summary>A <see cref="ThrottledWarning"/> for each of several subjects. Safe for use from several threads.</summary>
/// <remarks>Of the subjects that it was asked about it keeps a bounded number, and begins anew beyond that. They are never a word that a caller or a provider chooses.</remarks>
internal sealed class ThrottledWarnings(TimeProvider time, int most = 1)
{
    private const int MaxSubjects = 10_000;

    private readonly ConcurrentDictionary<string, ThrottledWarning> _subjects = new(StringComparer.Ordinal);

    /// <summary>True for one who asks about the subject: whoever gets that tells of it.</summary>
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
