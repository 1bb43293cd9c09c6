using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Documents;

/// <summary>Scans texts of a form, which are not JSON.</summary>
internal sealed partial class BodyScreen
{
    /// <summary>Scans one text of a form.</summary>
    /// <param name="body">The whole form.</param>
    /// <param name="part">Range of the text in the form.</param>
    /// <param name="where">Path of the text.</param>
    /// <param name="set">The policies to apply.</param>
    /// <param name="isFixed">True when the text must not be changed.</param>
    public void ScanPart(ReadOnlySpan<byte> body, ByteRange part, string where, PolicySet set, bool isFixed)
    {
        if (KeepsTexts && !isFixed)
        {
            KeepPart(part, body.Slice(part.Start, part.Length), where);
        }

        // Backslashes are read as escapes, in case the text is JSON.
        (_set, _rules) = (set, set.Input);
        ScanText(part, body, isToolResult: false, isForm: true);
        foreach (var hit in _found)
        {
            Hits.Add(new(hit.Rule, new(hit.Place.Start, hit.Place.Length)) { Role = PolicyRoles.User, IsFixed = isFixed, Where = where });
        }
    }

    /// <summary>Scans a text in a header of a form part.</summary>
    public void ScanHeader(string text, ByteRange headers, string where, PolicySet set)
    {
        foreach (var hit in ScanPlain(text, set.Input))
        {
            Hits.Add(new(hit.Rule, new(headers.Start, 0)) { Role = PolicyRoles.User, IsFixed = true, Where = where });
        }
    }
}
