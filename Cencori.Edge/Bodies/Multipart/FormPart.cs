namespace Cencori.Edge.Bodies.Multipart;

/// <summary>A part of a form that is held as a whole.</summary>
/// <param name="Name">Of the field.</param>
/// <param name="IsFile">It has a name of a file.</param>
/// <param name="Headers">Its header lines, without the empty line behind them.</param>
/// <param name="Content">What it has.</param>
internal readonly record struct FormPart(string Name, bool IsFile, ByteRange Headers, ByteRange Content);
