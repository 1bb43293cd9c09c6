using Cencori.Edge.Policies.Detectors;

namespace Cencori.Edge.Policies;

/// <summary>Finds nothing: used by rules that ask an external service.</summary>
internal sealed class NullDetector : Detector
{
    public override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
    }

    public override int Open(ReadOnlySpan<char> text) => 0;
}
