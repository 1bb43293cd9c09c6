using Cencori.Edge.Errors;
using Cencori.Edge.Prompts;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Prompts;

/// <summary>Request body that adds a version to a prompt.</summary>
public record NewPromptVersion
{
    private const int MaxTextLength = 1_000;

    public required string Content { get; init; }

    /// <summary>Optional names of the variables. They must be the same as the variables in the content; otherwise the request is refused.</summary>
    public List<string>? Variables { get; init; }

    public string? ChangeMessage { get; init; }

    /// <summary>Creates the version's record without saving it.</summary>
    /// <exception cref="RefusedException">The content or the variables are not valid.</exception>
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

            // The time has only milliseconds, like the database, so that this response and later reads show the same time.
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
        };
    }

    // Refuses null characters, because databases reject them in texts.
    protected static EdgeError? Text(string? text, string field) => text?.Length > MaxTextLength || text?.Contains('\0') == true
        ? EdgeError.Invalid($"{field} must have at most {MaxTextLength} characters, and no null character.", field)
        : null;

    private EdgeError? Differ(List<string> variables) =>
        Variables is null ? null
        : variables.Except(Variables).FirstOrDefault() is { } unnamed ? EdgeError.Invalid($"variables must list '{unnamed}', because the content has this variable. To use all variables of the content, omit the list.", "variables")
        : Variables.FindIndex(name => !variables.Contains(name)) is >= 0 and var more ? EdgeError.Invalid($"variables must not list '{Bounded(Variables[more])}', because the content does not have this variable.", "variables")
        : null;

    private static string? Bounded(string? name) => name?.Length > PromptTemplate.MaxNameLength ? name[..PromptTemplate.MaxNameLength] : name;
}

/// <summary>Request body that creates a prompt and its first version.</summary>
public sealed record NewPrompt : NewPromptVersion
{
    private const int MaxNameLength = 100;

    public required string Name { get; init; }

    public string? Description { get; init; }

    // Requests name the prompt in a header, so the name may have only visible ASCII characters and spaces.
    public EdgeError? Check() =>
        Name.Length is 0 or > MaxNameLength || Name.AsSpan().ContainsAnyExceptInRange(' ', '~') || Name[0] == ' ' || Name[^1] == ' '
            ? EdgeError.Invalid($"The name of a prompt must have 1 to {MaxNameLength} visible ASCII characters, or spaces between them, because a request header carries it.", "name")
            : Text(Description, "description");
}

/// <summary>Request body that selects the version that requests use.</summary>
public sealed record PromptDeployment
{
    public required string VersionId { get; init; }
}
