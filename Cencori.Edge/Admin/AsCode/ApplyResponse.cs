using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Result of applying a configuration document: the changes that were made. For a plan, the changes that would be made.</summary>
/// <param name="Plan">True: nothing was changed.</param>
/// <param name="Projects">One item per project of the document, in the same order.</param>
public sealed record ApplyResponse(bool Plan, List<AppliedProject> Projects);

/// <param name="Slug">Slug of the project.</param>
/// <param name="Id">Id of the project. Null: the project does not exist yet.</param>
/// <param name="Changes">Changes of the project. Empty: the project already matches the document.</param>
/// <param name="Notes">Warnings and hints for the reader.</param>
/// <param name="Keys">API keys that were created. Only this response contains the full keys.</param>
public sealed record AppliedProject(string Slug, string? Id, List<PlannedChange> Changes, List<string> Notes, List<MadeKey> Keys);

/// <param name="Action"><c>create</c> or <c>change</c>.</param>
/// <param name="What">The changed object, such as <c>project</c> or <c>agent 'support'</c>.</param>
/// <param name="Field">The changed field. Null: the whole object.</param>
/// <param name="Before">Value before the change; <c>(secret)</c> for a secret.</param>
/// <param name="After">Value after the change; <c>(secret)</c> for a secret.</param>
public sealed record PlannedChange(
    string Action, [property: JsonPropertyName("object")] string What, string? Field, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonNode? Before, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonNode? After)
{
    public const string Create = "create";
    public const string Change = "change";
    public const string Secret = "(secret)";
}

/// <param name="Name">Name of the key.</param>
/// <param name="Id">Id of the key.</param>
/// <param name="FullKey">The full key.</param>
public sealed record MadeKey(string Name, string Id, string FullKey);
