namespace Cencori.Edge.Bodies.Multipart;

/// <summary>A part of a form that is buffered whole.</summary>
/// <param name="Name">Name of the field.</param>
/// <param name="IsFile">True when the part has a file name.</param>
/// <param name="Headers">The header lines, without the empty line after them.</param>
/// <param name="Content">The content of the part.</param>
internal readonly record struct FormPart(string Name, bool IsFile, ByteRange Headers, ByteRange Content);
