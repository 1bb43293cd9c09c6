using Cencori.Edge.Admin.Prompts;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Prompts;

/// <param name="Prompts">The prompts, oldest first.</param>
public sealed record PromptsModel(IReadOnlyList<PromptView> Prompts);

/// <param name="Prompt">The prompt.</param>
/// <param name="Versions">The versions, newest first.</param>
/// <param name="Shown">The version whose text is shown.</param>
/// <param name="Compared">The version with which the shown version is compared; null: none.</param>
/// <param name="Diff">The differences from the compared version; empty: no version is compared.</param>
/// <param name="Note">Parts of the URL that were ignored; null: none.</param>
/// <param name="Tag">The prompt's ETag.</param>
/// <param name="State">State of the form for a new version.</param>
public sealed record PromptModel(
    PromptView Prompt, IReadOnlyList<PromptVersionLine> Versions, PromptVersionView Shown, PromptVersionView? Compared, IReadOnlyList<DiffLine> Diff, string? Note, string Tag, FormState State);

/// <param name="Prompt">The prompt.</param>
/// <param name="Versions">Number of versions that are deleted with the prompt.</param>
/// <param name="Tag">The prompt's ETag.</param>
public sealed record DeletePromptModel(PromptView Prompt, int Versions, string Tag);
