using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>What a document has changed, or would.</summary>
/// <param name="Plan">Nothing has been done.</param>
/// <param name="Projects">In the document's order.</param>
public sealed record ApplyResponse(bool Plan, List<AppliedProject> Projects);

/// <param name="Slug">Of the project.</param>
/// <param name="Id">Null: it is not there yet.</param>
/// <param name="Changes">None: it is as the document says.</param>
/// <param name="Notes">What somebody should know.</param>
/// <param name="Keys">Those that were made. They are shown this one time.</param>
public sealed record AppliedProject(string Slug, string? Id, List<PlannedChange> Changes, List<string> Notes, List<MadeKey> Keys);

/// <param name="Action"><c>create</c> or <c>change</c>.</param>
/// <param name="What">Of the project: <c>project</c>, <c>agent 'support'</c>.</param>
/// <param name="Field">Null: all of it.</param>
/// <param name="Before">Of a secret: <c>(secret)</c>.</param>
/// <param name="After">Likewise.</param>
public sealed record PlannedChange(
    string Action, [property: JsonPropertyName("object")] string What, string? Field, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonNode? Before, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonNode? After)
{
    public const string Create = "create";
    public const string Change = "change";
    public const string Secret = "(secret)";
}

/// <param name="Name">Of the key.</param>
/// <param name="Id">Likewise.</param>
/// <param name="FullKey">The key itself.</param>
public sealed record MadeKey(string Name, string Id, string FullKey);
