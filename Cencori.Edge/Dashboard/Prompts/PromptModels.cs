using Cencori.Edge.Admin.Prompts;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Prompts;

/// <param name="Prompts">The oldest first.</param>
public sealed record PromptsModel(IReadOnlyList<PromptView> Prompts);

/// <param name="Prompt">The prompt.</param>
/// <param name="Versions">The newest first.</param>
/// <param name="Shown">The version whose text is shown.</param>
/// <param name="Compared">The version that it is held against; null: none.</param>
/// <param name="Diff">What changed from that; empty where there is none.</param>
/// <param name="Note">What of the address was passed over; null: nothing.</param>
/// <param name="Tag">Of the prompt.</param>
/// <param name="State">Of the form with another version.</param>
public sealed record PromptModel(
    PromptView Prompt, IReadOnlyList<PromptVersionLine> Versions, PromptVersionView Shown, PromptVersionView? Compared, IReadOnlyList<DiffLine> Diff, string? Note, string Tag, FormState State);

/// <param name="Prompt">The prompt.</param>
/// <param name="Versions">How many go with it.</param>
/// <param name="Tag">Of the prompt.</param>
public sealed record DeletePromptModel(PromptView Prompt, int Versions, string Tag);
