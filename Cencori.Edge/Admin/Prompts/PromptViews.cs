using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Prompts;

/// <summary>A prompt as an administrator sees it.</summary>
public sealed record PromptView(string Id, string Name, string? Description, string ActiveVersionId, int ActiveVersion, DateTimeOffset CreatedAt)
{
    public static PromptView Of(PromptRecord prompt, int activeVersion) =>
        new(prompt.Id, prompt.Name, prompt.Description, prompt.ActiveVersionId, activeVersion, prompt.CreatedAt);
}

/// <summary>A version of a prompt. It never changes.</summary>
public sealed record PromptVersionView(string Id, string PromptId, int Version, string Content, List<string> Variables, string? ChangeMessage, DateTimeOffset CreatedAt)
{
    public static PromptVersionView Of(PromptVersionRecord version) =>
        new(version.Id, version.PromptId, version.Version, version.Content, version.Variables, version.ChangeMessage, version.CreatedAt);
}

/// <summary>A version of a prompt in lists, without its text.</summary>
public sealed record PromptVersionLine(string Id, int Version, string? ChangeMessage, DateTimeOffset CreatedAt);

/// <summary>A prompt with one of its versions.</summary>
public sealed record PromptResponse(PromptView Prompt, PromptVersionView Version);
