using Cencori.Edge.Bodies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Documents;

/// <summary>Collects the texts of a body that guardrails check.</summary>
internal sealed partial class BodyScreen
{
    // Maximum number of collected texts. Higher than GuardedTexts.Max, the maximum that one guardrail checks.
    private const int MaxTexts = 4_096;

    /// <summary>True: texts are collected in <see cref="Texts"/>.</summary>
    public bool KeepsTexts { get; set; }

    /// <summary>Texts that a person or model may have written, in body order. Excludes names of models and types, and ids.</summary>
    public List<BodyText> Texts { get; } = [];

    /// <summary>True when the body has more texts than are collected.</summary>
    public bool HasMoreTexts { get; private set; }

    private void Keep(ByteRange inside, ReadOnlySpan<byte> body)
    {
        var text = body.Slice(inside.Start, inside.Length);
        if (_isOutput ? !IsForeign(body) && (IsWithinInput(body) ? !ResponseTexts.IsBlank(text) : ResponseTexts.Has(NameAbove(body), text)) : !ResponseTexts.IsBlank(text) && !IsParameter(text, body))
        {
            Keep(new(inside, CurrentRole(body), PathOf(body)));
        }
    }

    private void KeepPart(ByteRange part, ReadOnlySpan<byte> text, string where)
    {
        if (!ResponseTexts.IsBlank(text) && (where == "prompt" || !ResponseTexts.IsWord(text)))
        {
            Keep(new(part, PolicyRoles.User, where, IsRaw: true));
        }
    }

    private void Keep(in BodyText text)
    {
        if (Texts.Count < MaxTexts)
        {
            Texts.Add(text);
        }
        else
        {
            HasMoreTexts = true;
        }
    }

    private void ForgetTexts()
    {
        Texts.Clear();
        HasMoreTexts = false;
    }

    private PolicyRoles CurrentRole(ReadOnlySpan<byte> body) => _depth > 0 && Top.Place != PolicyRoles.None ? Top.Place : _depth == 1 ? PlaceOf(body) : PolicyRoles.None;

    // True for texts of a response that the model did not write.
    private bool IsForeign(ReadOnlySpan<byte> body) => _depth > 0 && (CurrentRole(body) is PolicyRoles.System or PolicyRoles.Definitions || ResponseTexts.IsForeign(NameIn(0, body)));

    private bool IsWithinInput(ReadOnlySpan<byte> body)
    {
        for (var i = 0; i < _depth - 1; i++)
        {
            if (ResponseTexts.IsInput(NameIn(i, body)))
            {
                return true;
            }
        }

        return false;
    }

    // True for a setting instead of a text: a single word in a top-level member that is not input, or in a member whose values the API defines.
    private bool IsParameter(ReadOnlySpan<byte> text, ReadOnlySpan<byte> body)
    {
        if (_depth == 0 || !ResponseTexts.IsWord(text))
        {
            return false;
        }

        var name = NameAbove(body);
        return _depth == 1 || (_depth == 2 && Top.IsList)
            ? !(Is(name, "input"u8) || Is(name, "prompt"u8) || Is(name, "query"u8) || Is(name, "content"u8) || Is(name, "text"u8) || Is(name, "message"u8) || Is(name, "documents"u8))
            : Is(name, "role"u8) || Is(name, "type"u8) || Is(name, "model"u8) || Is(name, "id"u8) || Is(name, "status"u8) || Is(name, "detail"u8) || name.EndsWith("_id"u8);
    }
}
