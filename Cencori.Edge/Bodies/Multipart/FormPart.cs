namespace Cencori.Edge.Bodies.Multipart;

/// <summary>A part of a form that is held as a whole.</summary>
/// <param name="Headers">Its header lines, without the empty line behind them.</param>
/// <param name="Content">What it has.</param>
internal readonly record struct FormPart(ByteRange Headers, ByteRange Content);
