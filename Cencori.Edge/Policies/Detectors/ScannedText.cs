namespace Cencori.Edge.Policies.Detectors;

/// <summary>
/// A text as detectors see it: without escapes, without characters of no width, full-width forms and look-alikes written as the ASCII characters that they look like. It knows where
/// each of its characters stands in the source, which stays as it is.
/// </summary>
/// <remarks>One is used for many texts, one after the other, by one thread at a time. Its memory comes from the pool and goes back to it.</remarks>
public sealed class ScannedText : IDisposable
{
    /// <summary>Valid until the next text is read.</summary>
    public ReadOnlySpan<char> Text => throw new NotImplementedException();

    /// <summary>Reads the inside of a JSON string: UTF-8, with its escapes, without its quotes. Escapes of JSON within JSON count as what they stand for, however deep.</summary>
    public void ReadJson(ReadOnlySpan<byte> source) => throw new NotImplementedException();

    /// <summary>Reads plain text.</summary>
    public void ReadPlain(ReadOnlySpan<char> source) => throw new NotImplementedException();

    /// <summary>Where a part of <see cref="Text"/> stands in the source: in bytes of JSON, or characters of plain text.</summary>
    public Finding SourceOf(Finding found) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
