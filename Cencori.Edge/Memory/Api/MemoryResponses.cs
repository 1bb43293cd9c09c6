using System.Text.Encodings.Web;
using System.Text.Json;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory.Api;

/// <summary>Writes namespaces and entries with the member names that Cencori's clients read.</summary>
internal static class MemoryResponses
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Responds with a JSON object.</summary>
    public static async Task RespondAsync(this HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, Plain);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    }

    /// <summary>Writes the members of a namespace.</summary>
    public static void Write(Utf8JsonWriter json, MemoryNamespaceRecord space, int count)
    {
        json.WriteString("id", space.Id);
        json.WriteString("name", space.Name);
        json.WriteString("description", space.Description);
        json.WriteString("embeddingModel", space.EmbeddingModel);
        json.WriteNumber("dimensions", space.Dimensions);
        WriteMetadata(json, space.Metadata);
        json.WriteNumber("memoryCount", count);
        json.WriteNumber("defaultThreshold", space.DefaultThreshold ?? EmbeddingModels.ThresholdOf(space.EmbeddingModel));
        if (space.AgentId is not null)
        {
            json.WriteString("agentId", space.AgentId);
        }

        if (space.EmbeddingFault is not null)
        {
            json.WriteString("embeddingFault", space.EmbeddingFault);
        }

        json.WriteString("createdAt", Time(space.CreatedAt));
    }

    /// <summary>Writes the progress of embedding all entries with a new model.</summary>
    public static void WriteProgress(Utf8JsonWriter json, MemoryNamespaceRecord space, (int Done, int Total) progress)
    {
        json.WriteStartObject("reembedding");
        json.WriteString("embeddingModel", space.NextModel);
        json.WriteNumber("dimensions", space.NextDimensions ?? 0);
        json.WriteNumber("done", progress.Done);
        json.WriteNumber("total", progress.Total);
        json.WriteEndObject();
    }

    /// <summary>Writes the members of an entry.</summary>
    public static void Write(Utf8JsonWriter json, StoredMemory memory)
    {
        json.WriteString("id", memory.Id);
        json.WriteString("namespace", memory.Namespace);
        json.WriteString("content", memory.Content);
        WriteMetadata(json, memory.Metadata);
        json.WriteBoolean("embedded", memory.IsEmbedded);
        WriteTimes(json, memory.CreatedAt, memory.UpdatedAt, memory.ExpiresAt);
    }

    /// <summary>Writes the members of a search result.</summary>
    public static void Write(Utf8JsonWriter json, MemoryNamespaceRecord space, FoundMemory found)
    {
        json.WriteString("id", found.Row.Id);
        json.WriteString("namespace", space.Name);
        json.WriteString("content", found.Row.Content);
        WriteMetadata(json, found.Row.Metadata);
        json.WriteNumber("similarity", found.Similarity);
        WriteTimes(json, found.Row.CreatedAt, found.Row.UpdatedAt, found.Row.ExpiresAt);
    }

    /// <summary>Writes the metadata of an entry. Without metadata, writes an empty object, because clients expect an object.</summary>
    public static void WriteMetadata(Utf8JsonWriter json, string? metadata)
    {
        json.WritePropertyName("metadata");
        json.WriteRawValue(metadata ?? "{}", skipInputValidation: true);
    }

    private static void WriteTimes(Utf8JsonWriter json, DateTimeOffset createdAt, DateTimeOffset updatedAt, DateTimeOffset? expiresAt)
    {
        json.WriteString("createdAt", Time(createdAt));
        json.WriteString("updatedAt", Time(updatedAt));
        if (expiresAt is { } time)
        {
            json.WriteString("expiresAt", Time(time));
        }
        else
        {
            json.WriteNull("expiresAt");
        }
    }

    private static DateTime Time(DateTimeOffset time) => time.UtcDateTime;
}
