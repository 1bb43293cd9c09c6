using Cencori.Edge.Policies.Detectors.Scanning;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>Finds texts of one kind: a cheap search for candidates, then a check that rejects most candidates. Thread-safe. Allocates nothing when there are no findings.</summary>
/// <remarks>Reads texts in the form that <see cref="ScannedText"/> produces. The scan time is linear in the length of the text.</remarks>
public abstract class Detector
{
    /// <summary>Adds the findings in text order. Findings do not overlap.</summary>
    public abstract void Find(ReadOnlySpan<char> text, List<Finding> findings);

    /// <summary>Number of characters at the end that could become part of a finding when more text arrives. 0: none. Never more than the length of the text.</summary>
    /// <remarks>When more text arrives, no new finding that ends in the new text may begin before these characters. Exception: of a finding that is longer
    /// than the detector's limit, the last part may be missed.</remarks>
    public abstract int Open(ReadOnlySpan<char> text);

    /// <summary>Forms of a text in which the detector must search too. Default: none, only the usual form.</summary>
    public virtual TextForms Also => TextForms.None;
}
