namespace Cencori.Edge.Policies.Detectors;

/// <summary>Finds texts of one kind: a cheap search for candidates, and a check that throws most of them away. Used by many threads at once, and allocates nothing where it finds nothing.</summary>
/// <remarks>Texts are as <see cref="ScannedText"/> has them. The time is linear in the text, whatever it is.</remarks>
public abstract class Detector
{
    /// <summary>Adds what it finds, in the order of the text; no two of them overlap.</summary>
    public abstract void Find(ReadOnlySpan<char> text, List<Finding> findings);

    /// <summary>How many characters at the end could be part of something that is found only when more text has come. 0: none. More than there are is never told.</summary>
    /// <remarks>Whatever <see cref="Find"/> finds in the text and all that may follow it, and that ends within what follows, begins within these characters. What is longer than a detector says that it waits for is the exception: of that it may be the end that is not found.</remarks>
    public abstract int Open(ReadOnlySpan<char> text);
}
