using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Admin.Description;

/// <summary>Describes the endpoints for callers with a project key, for the OpenAPI document. Bodies that the edge forwards have OpenAI's or Anthropic's format.</summary>
internal static class DataPlane
{
    private const string Memory = NativeEndpoints.Memory;
    private const string Namespaces = Memory + "/namespaces";
    private const string Sources = NativeEndpoints.Base + "/rag";
    private const string Lines = "application/x-ndjson";

    private static readonly Shape Namespace = Shape.Any("id", "name", "description", "embeddingModel", "dimensions", "metadata", "memoryCount", "defaultThreshold", "createdAt");
    private static readonly Shape Entry = Shape.Any("id", "namespace", "content", "metadata", "embedded", "createdAt", "updatedAt", "expiresAt");

    public static IReadOnlyList<Described> All { get; } =
    [
        DescribeForwarded("/v1/chat/completions", "Creates a chat completion, in OpenAI's format.", "model", "messages"),
        DescribeForwarded("/v1/completions", "Creates a completion, in the format of OpenAI's older API.", "model"),
        DescribeForwarded("/v1/responses", "Creates a response, in the format of OpenAI's Responses API."),
        DescribeForwarded("/v1/messages", "Creates a message, in Anthropic's format.", "model", "messages"),
        DescribeForwarded("/v1/embeddings", "Creates embeddings, in OpenAI's format.", "model", "input"),
        DescribeForwarded("/v1/moderations", "Checks content (moderation), in OpenAI's format."),
        DescribeForwarded("/v1/images/generations", "Creates images, in OpenAI's format."),
        DescribeForwarded("/v1/audio/speech", "Creates speech, in OpenAI's format.") with { OtherTypes = ["audio/*", "text/event-stream"] },
        new("GET", "/v1/models", "The models that the project may use.") { Response = Shape.Any("object", "data") },
        new("GET", "/v1/models/{model}", "Reads one model.") { Response = Shape.Any("id", "object") },
        new("GET", "/api/ai/audio/speech", "The models that generate speech.") { Response = Shape.Any("object", "data") },
        new("GET", "/api/ai/audio/transcriptions", "The models that transcribe.") { Response = Shape.Any("object", "data") },
        new("GET", "/v1/metrics", "Usage of the key's project.") { Query = ["period"], Response = Shape.Any("period") },
        new("GET", "/v1/agents", "Lists the project's agents.") { Response = Shape.ListOf<AgentView>("data") },
        new("POST", "/v1/agents", "Creates an agent.") { Status = StatusCodes.Status201Created, Body = Shape.Of<NewAgent>(), Response = Shape.Of<AgentView>(), IsTagged = true },
        new("GET", "/v1/agents/{agentId}", "Reads an agent.") { Response = Shape.Of<AgentView>(), IsTagged = true },
        new("PATCH", "/v1/agents/{agentId}", "Changes an agent. Absent members stay unchanged.") { Body = Shape.Of<AgentChange>(), Response = Shape.Of<AgentView>(), IsTagged = true, AcceptsIfMatch = true },
        new("DELETE", "/v1/agents/{agentId}", "Deletes an agent, and revokes its keys.") { Response = Shape.Any("id", "deleted"), AcceptsIfMatch = true },
        new("POST", "/v1/agents/{agentId}/keys", "Creates a key of an agent.") { Status = StatusCodes.Status201Created, Body = Shape.Of<NewAgentKey>(), IsBodyOptional = true, Response = Shape.Any("full_key", "apiKey") },
        new("GET", "/v1/agent/actions/poll", "Returns which tool calls have been approved or rejected.") { Query = ["ids"], Response = Shape.Any("actions") },
        new("POST", Memory + "/store", "Stores one memory entry, or up to 100 entries in 'items'. If one is refused, none is stored.") { Status = StatusCodes.Status201Created, Body = Shape.Any("namespace"), Response = Shape.Any("namespace") },
        new("POST", Memory + "/search", "Finds the memory entries of a namespace that are relevant to a question.") { Body = Shape.Any("namespace", "query"), Response = Shape.Any("results", "query", "namespace", "count", "order", "latencyMs") },
        new("GET", Memory + "/{id}", "Reads a memory entry.") { Response = Entry },
        new("DELETE", Memory + "/{id}", "Deletes a memory entry.") { Response = Shape.Any("deleted", "id") },
        new("GET", Namespaces, "Lists the memory namespaces that the key may see.") { Response = Shape.Any("namespaces") },
        new("POST", Namespaces, "Creates a memory namespace.") { Status = StatusCodes.Status201Created, Body = Shape.Any("name"), Response = Namespace },
        new("GET", Namespaces + "/{name}", "Reads a memory namespace, by its name or id.") { Response = Namespace },
        new("DELETE", Namespaces + "/{name}", "Deletes a memory namespace with all its entries.") { Response = Shape.Any("deleted", "id") },
        new("GET", Namespaces + "/{name}/memories", "Lists the entries of a memory namespace, oldest first.") { Query = ["limit", "after"], Response = Shape.Any("memories", "next") },
        new("POST", Namespaces + "/{name}/reembed", "Embeds all entries of a memory namespace with another model, in the background.") { Status = StatusCodes.Status202Accepted, Body = Shape.Any("embeddingModel"), Response = Namespace },
        new("DELETE", Namespaces + "/{name}/reembed", "Cancels the background work that embeds a memory namespace's entries with another model.") { Response = Namespace },
        new("GET", Namespaces + "/{name}/export", "Exports all entries of a memory namespace, one JSON object per line.") { OtherTypes = [Lines], Response = Shape.Any() },
        new("POST", Namespaces + "/{name}/import", "Imports entries into a memory namespace, one JSON object per line. Existing entries stay unchanged.") { Query = ["ids"], OtherTypes = [Lines], AllowsOtherTypes = true, Body = Shape.Any(), Response = Shape.Any("namespace", "count", "embedded") },
        new("POST", Sources, "Answers a question with entries of a memory, and lists these sources.")
        {
            Body = Shape.Any("model", "messages", "namespace"),
            Response = Shape.Any("message", "model", "provider", "usage", "latency_ms"),
            OtherTypes = ["text/event-stream"],
        },
        new("GET", "/v1/health", "Returns the status and the version of the edge.") { IsOpen = true, Response = Shape.Any("status", "version") },
        new("GET", "/health/live", "200 while the process responds.") { IsOpen = true, Response = Shape.Any("status") },
        new("GET", "/health/ready", "200 if the edge can serve requests, else 503. Lists the checks that need attention.") { IsOpen = true, Response = Shape.Any("status", "checks") },
        .. EndpointTable.NativePaths.Where(path => path != Sources).Select(path => DescribeForwarded(path, "Takes and returns Cencori's own format (native endpoint).")),
    ];

    private static Described DescribeForwarded(string path, string summary, params string[] required) =>
        new("POST", path, summary) { Body = Shape.Any(required), Response = Shape.Any(), OtherTypes = ["text/event-stream"] };
}
