using System.Collections.Concurrent;

namespace Cencori.Edge.Telemetry;

/// <summary>A <see cref="RareWarning"/> for each of several subjects. Safe for use from several threads.</summary>
/// <remarks>It keeps every subject that it was asked about: never a word that a caller or a provider chooses.</remarks>
internal sealed class RareWarnings(TimeProvider time, int most = 1)
{
    private readonly ConcurrentDictionary<string, RareWarning> _subjects = new(StringComparer.Ordinal);

    /// <summary>True for one who asks about the subject: whoever gets that tells of it.</summary>
    public bool IsDue(string subject) => _subjects.GetOrAdd(subject, static (_, warnings) => new(warnings.time, warnings.most), (time, most)).IsDue();
}
