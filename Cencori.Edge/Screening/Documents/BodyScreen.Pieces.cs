using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening.Documents;

/// <summary>Scans very long texts in overlapping pieces, to limit memory.</summary>
internal sealed partial class BodyScreen
{
    private const int PieceBytes = 256 * 1024;

    // Number of bytes that two pieces share: the longest finding, and the longest context before it.
    private const int Overlap = 16 * 1024;
    private const int Before = 1024;

    // Length of the longest JSON escape, in bytes.
    private const int LongestEscape = 6;

    private void ScanText(ByteRange inside, ReadOnlySpan<byte> body, bool isToolResult, bool isForm = false)
    {
        _found.Clear();
        var text = body.Slice(inside.Start, inside.Length);
        var (start, from) = (0, 0);

        // Only valid JSON has escapes of its own: words in brackets keep the letters after their backslashes. A part of a form has no quotes around it.
        var isInner = !isForm && text.Contains((byte)'\\') && _inner.Is(inside, body);
        while (_found.Count < MaxHits)
        {
            var end = text.Length - start <= PieceBytes ? text.Length : CutAt(text, start + PieceBytes);
            var next = end == text.Length ? end : CutAt(text, end - Overlap);
            _longest = Math.Max(_longest, end - start);
            _screen.ScanJson(text[start..end], _rules, isToolResult, isInner);
            foreach (var hit in _screen.Hits)
            {
                // Skips a hit that begins in the shared bytes: it is found again in the next piece.
                if (start + hit.Place.Start >= from && (end == text.Length || start + hit.Place.Start < next))
                {
                    _found.Add(hit with { Place = new(inside.Start + start + hit.Place.Start, hit.Place.Length) });
                }
            }

            if (end == text.Length)
            {
                return;
            }

            (start, from) = (CutAt(text, next - Before), next);
        }
    }

    // Moves a cut so that it is not inside a character or an escape.
    private static int CutAt(ReadOnlySpan<byte> text, int at)
    {
        for (var cut = at; cut > at - Before / 2 && cut > LongestEscape; cut--)
        {
            if ((text[cut] & 0xC0) != 0x80 && text.Slice(cut - LongestEscape, LongestEscape).IndexOf((byte)'\\') < 0)
            {
                return cut;
            }
        }

        return at;
    }
}
