using Cencori.Edge.Policies.Detectors;

namespace Cencori.Edge.Policies;

/// <summary>Finds nothing: of a rule that asks somebody else.</summary>
internal sealed class NullDetector : Detector
{
    public override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
    }

    public override int Open(ReadOnlySpan<char> text) => 0;
}
