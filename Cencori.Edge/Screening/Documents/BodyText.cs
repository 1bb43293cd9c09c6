using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Documents;

/// <summary>A text of a body that guardrails may check.</summary>
/// <param name="Range">Range in bytes of the body.</param>
/// <param name="Role">Role of the text. None: not known yet.</param>
/// <param name="Where">Path of the text in the body. Contains no text that a caller chose.</param>
/// <param name="IsRaw">True when the text is not a JSON string, as in a form.</param>
internal readonly record struct BodyText(ByteRange Range, PolicyRoles Role, string Where, bool IsRaw = false);
