using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>A text of a body.</summary>
/// <param name="Range">Where, in bytes of the body.</param>
/// <param name="Role">Whose words. None: not known yet.</param>
/// <param name="Where">The place as a path, without anything that a caller has chosen.</param>
/// <param name="IsRaw">It is no JSON.</param>
internal readonly record struct BodyText(ByteRange Range, PolicyRoles Role, string Where, bool IsRaw = false);
