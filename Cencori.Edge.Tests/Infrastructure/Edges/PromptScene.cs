using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>Creates prompts of a project through the administration API.</summary>
internal static class PromptScene
{
    /// <summary>Returns the response. The first version is active.</summary>
    public static Task<JsonNode> CreatePromptAsync(this RunningEdge edge, string project, string name, string content) =>
        edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/prompts", new { name, content });

    /// <summary>Adds a version and makes it the active one.</summary>
    public static async Task DeployAsync(this RunningEdge edge, string project, JsonNode prompt, string content)
    {
        var path = $"/api/projects/{project}/prompts/{prompt["prompt"]!["id"]}";
        var added = await edge.SendAdminAsync(HttpMethod.Post, path + "/versions", new { content, change_message = "another" });
        await edge.SendAdminAsync(HttpMethod.Post, path + "/deploy", new { version_id = (string)added["version"]!["id"]! });
    }

    /// <summary>The request headers that name a prompt and its values, as ASCII JSON.</summary>
    public static (string Name, string Value)[] Headers(string name, object? values = null) => values is null
        ? [("X-Cencori-Prompt", name)]
        : [("X-Cencori-Prompt", name), ("X-Cencori-Prompt-Vars", values as string ?? JsonSerializer.Serialize(values))];
}
