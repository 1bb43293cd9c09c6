using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Admin.Description;

/// <summary>What callers with a project key use. Bodies and responses that are passed on are those of the provider, in OpenAI's or Anthropic's form.</summary>
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
        Passed("/v1/chat/completions", "A chat completion, as OpenAI's API has it.", "model", "messages"),
        Passed("/v1/completions", "A completion, as OpenAI's older API has it.", "model"),
        Passed("/v1/responses", "A response, as OpenAI's API has it."),
        Passed("/v1/messages", "A message, as Anthropic's API has it.", "model", "messages"),
        Passed("/v1/embeddings", "Embeddings, as OpenAI's API has them.", "model", "input"),
        Passed("/v1/moderations", "Moderations, as OpenAI's API has them."),
        Passed("/v1/images/generations", "Images, as OpenAI's API has them."),
        Passed("/v1/audio/speech", "Speech, as OpenAI's API has it.") with { OtherTypes = ["audio/*", "text/event-stream"] },
        new("GET", "/v1/models", "The models that the project may use.") { Response = Shape.Any("object", "data") },
        new("GET", "/v1/models/{model}", "One of them.") { Response = Shape.Any("id", "object") },
        new("GET", "/api/ai/audio/speech", "Those of them that speak.") { Response = Shape.Any("object", "data") },
        new("GET", "/api/ai/audio/transcriptions", "Those of them that transcribe.") { Response = Shape.Any("object", "data") },
        new("GET", "/v1/metrics", "What the key's project has used.") { Query = ["period"], Response = Shape.Any("period") },
        new("GET", "/v1/agents", "Lists the project's agents.") { Response = Shape.ListOf<AgentView>("data") },
        new("POST", "/v1/agents", "Makes an agent.") { Status = StatusCodes.Status201Created, Body = Shape.Of<NewAgent>(), Response = Shape.Of<AgentView>(), IsTagged = true },
        new("GET", "/v1/agents/{agentId}", "Reads an agent.") { Response = Shape.Of<AgentView>(), IsTagged = true },
        new("PATCH", "/v1/agents/{agentId}", "Changes an agent: what is not there stays.") { Body = Shape.Of<AgentChange>(), Response = Shape.Of<AgentView>(), IsTagged = true, IsExpected = true },
        new("DELETE", "/v1/agents/{agentId}", "Deletes an agent, and revokes its keys.") { Response = Shape.Any("id", "deleted"), IsExpected = true },
        new("POST", "/v1/agents/{agentId}/keys", "Makes a key of an agent.") { Status = StatusCodes.Status201Created, Body = Shape.Of<NewAgentKey>(), IsBodyOptional = true, Response = Shape.Any("full_key", "apiKey") },
        new("GET", "/v1/agent/actions/poll", "Tells whether somebody has decided on tool calls.") { Query = ["ids"], Response = Shape.Any("actions") },
        new("POST", Memory + "/store", "Stores an entry, or up to 100 in 'items': all or none.") { Status = StatusCodes.Status201Created, Body = Shape.Any("namespace"), Response = Shape.Any("namespace") },
        new("POST", Memory + "/search", "Finds what is relevant to a question.") { Body = Shape.Any("namespace", "query"), Response = Shape.Any("results", "query", "namespace", "count", "order", "latencyMs") },
        new("GET", Memory + "/{id}", "Reads an entry.") { Response = Entry },
        new("DELETE", Memory + "/{id}", "Deletes an entry.") { Response = Shape.Any("deleted", "id") },
        new("GET", Namespaces, "Lists the namespaces that the key may see.") { Response = Shape.Any("namespaces") },
        new("POST", Namespaces, "Makes a namespace.") { Status = StatusCodes.Status201Created, Body = Shape.Any("name"), Response = Namespace },
        new("GET", Namespaces + "/{name}", "Reads a namespace, by its name or id.") { Response = Namespace },
        new("DELETE", Namespaces + "/{name}", "Deletes a namespace with all that is in it.") { Response = Shape.Any("deleted", "id") },
        new("GET", Namespaces + "/{name}/memories", "Lists its entries, the oldest first.") { Query = ["limit", "after"], Response = Shape.Any("memories", "next") },
        new("POST", Namespaces + "/{name}/reembed", "Embeds all entries with another model, in the background.") { Status = StatusCodes.Status202Accepted, Body = Shape.Any("embeddingModel"), Response = Namespace },
        new("DELETE", Namespaces + "/{name}/reembed", "Gives that up.") { Response = Namespace },
        new("GET", Namespaces + "/{name}/export", "All entries, one JSON object a line.") { OtherTypes = [Lines], Response = Shape.Any() },
        new("POST", Namespaces + "/{name}/import", "Stores such lines. What is there already is left as it is.") { Query = ["ids"], OtherTypes = [Lines], TakesOthers = true, Body = Shape.Any(), Response = Shape.Any("namespace", "count", "embedded") },
        new("POST", Sources, "Answers with what a memory has about the question, and with its sources.")
        {
            Body = Shape.Any("model", "messages", "namespace"),
            Response = Shape.Any("message", "model", "provider", "usage", "latency_ms"),
            OtherTypes = ["text/event-stream"],
        },
        new("GET", "/v1/health", "Tells that the edge answers, and its version.") { IsOpen = true, Response = Shape.Any("status", "version") },
        new("GET", "/health/live", "200 while the process answers.") { IsOpen = true, Response = Shape.Any("status") },
        new("GET", "/health/ready", "Whether it serves, and what somebody should look at; 503 where it does not.") { IsOpen = true, Response = Shape.Any("status", "checks") },
        .. EndpointTable.NativePaths.Where(path => path != Sources).Select(path => Passed(path, "The native door, in Cencori's form.")),
    ];

    private static Described Passed(string path, string summary, params string[] required) =>
        new("POST", path, summary) { Body = Shape.Any(required), Response = Shape.Any(), OtherTypes = ["text/event-stream"] };
}
