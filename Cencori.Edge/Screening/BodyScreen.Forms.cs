using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>Texts of a form, which is no JSON.</summary>
internal sealed partial class BodyScreen
{
    /// <summary>Looks at one more text of a form.</summary>
    /// <param name="body">All of it.</param>
    /// <param name="part">Where the text stands.</param>
    /// <param name="where">As a path.</param>
    /// <param name="set">Whose rules.</param>
    /// <param name="isFixed">It must stay as it is.</param>
    public void ScanPart(ReadOnlySpan<byte> body, ByteRange part, string where, PolicySet set, bool isFixed)
    {
        if (KeepsTexts && !isFixed)
        {
            KeepPart(part, body.Slice(part.Start, part.Length), where);
        }

        // A backslash counts as an escape, as it does in JSON within a text.
        (_set, _rules) = (set, set.Input);
        Look(part, body, isToolResult: false);
        foreach (var hit in _found)
        {
            Hits.Add(new(hit.Rule, new(hit.Place.Start, hit.Place.Length)) { Role = PolicyRoles.User, IsFixed = isFixed, Where = where });
        }
    }

    /// <summary>Looks at a text that stands in a header of a part of a form.</summary>
    public void ScanHeader(string text, ByteRange headers, string where, PolicySet set)
    {
        foreach (var hit in ScanPlain(text, set.Input))
        {
            Hits.Add(new(hit.Rule, new(headers.Start, 0)) { Role = PolicyRoles.User, IsFixed = true, Where = where });
        }
    }
}
