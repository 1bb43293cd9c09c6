using Cencori.Edge.Errors;
using Cencori.Edge.Prompts;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Prompts;

/// <summary>What a new version of a prompt is made of.</summary>
public record NewPromptVersion
{
    private const int MaxTextLength = 1_000;

    public required string Content { get; init; }

    /// <summary>The content says it. Whoever says it as well is told where the two differ.</summary>
    public List<string>? Variables { get; init; }

    public string? ChangeMessage { get; init; }

    /// <summary>The version, not yet saved.</summary>
    /// <exception cref="RefusedException">It cannot be one.</exception>
    public PromptVersionRecord Make(string promptId, int version, TimeProvider time)
    {
        Text(ChangeMessage, "change_message").ThrowIfAny();
        var variables = PromptTemplate.VariablesOf(Content, out var problem) ?? throw new RefusedException(problem!);
        Differ(variables).ThrowIfAny();
        return new PromptVersionRecord
        {
            Id = Ids.New("pv"),
            PromptId = promptId,
            Version = version,
            Content = Content,
            Variables = variables,
            ChangeMessage = ChangeMessage,

            // As it is stored, so that it is read as it was made.
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
        };
    }

    // No database keeps a null character in a text.
    protected static EdgeError? Text(string? text, string field) => text?.Length > MaxTextLength || text?.Contains('\0') == true
        ? EdgeError.Invalid($"{field} has at most {MaxTextLength} characters, and no null character.", field)
        : null;

    private EdgeError? Differ(List<string> variables) =>
        Variables is null ? null
        : variables.Except(Variables).FirstOrDefault() is { } unnamed ? EdgeError.Invalid($"The content has the variable '{unnamed}', and variables do not.", "variables")
        : Variables.FindIndex(name => !variables.Contains(name)) is >= 0 and var more ? EdgeError.Invalid($"variables have '{Bounded(Variables[more])}', and the content does not.", "variables")
        : null;

    private static string? Bounded(string? name) => name?.Length > PromptTemplate.MaxNameLength ? name[..PromptTemplate.MaxNameLength] : name;
}

/// <summary>The body that creates a prompt and its first version.</summary>
public sealed record NewPrompt : NewPromptVersion
{
    private const int MaxNameLength = 100;

    public required string Name { get; init; }

    public string? Description { get; init; }

    // A header names it.
    public EdgeError? Check() =>
        Name.Length is 0 or > MaxNameLength || Name.AsSpan().ContainsAnyExceptInRange(' ', '~') || Name[0] == ' ' || Name[^1] == ' '
            ? EdgeError.Invalid($"The name of a prompt has 1 to {MaxNameLength} visible ASCII characters, or spaces between them: requests have it in a header.", "name")
            : Text(Description, "description");
}

/// <summary>Which version requests are to use.</summary>
public sealed record PromptDeployment
{
    public required string VersionId { get; init; }
}
