using Cencori.Edge.Policies.Detectors;

namespace Cencori.Edge.Policies;

/// <summary>A detector without findings, for rules that call an external service instead.</summary>
internal sealed class NullDetector : Detector
{
    public override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
    }

    public override int Open(ReadOnlySpan<char> text) => 0;
}
