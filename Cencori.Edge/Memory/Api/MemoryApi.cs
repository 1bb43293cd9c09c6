using System.Text.Json;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Memory.Search;

namespace Cencori.Edge.Memory.Api;

/// <summary>The endpoints <c>/api/memory/*</c>, which store and search the memory of a project.</summary>
internal static partial class MemoryApi
{
    private const int MaxItems = 100;
    private const int MaxListed = 500;

    public static void MapMemory(this IEndpointRouteBuilder endpoints)
    {
        Map("POST", "/store", StoreAsync);
        Map("POST", "/search", SearchAsync);
        Map("GET", "/{id}", GetAsync);
        Map("DELETE", "/{id}", DeleteAsync);
        Map("POST", "/namespaces", CreateNamespaceAsync);
        Map("GET", "/namespaces", ListNamespacesAsync);
        Map("GET", "/namespaces/{name}", GetNamespaceAsync);
        Map("DELETE", "/namespaces/{name}", DeleteNamespaceAsync);
        Map("GET", "/namespaces/{name}/memories", ListAsync);
        Map("POST", "/namespaces/{name}/reembed", ReembedAsync);
        Map("DELETE", "/namespaces/{name}/reembed", EndReembeddingAsync);
        Map("GET", "/namespaces/{name}/export", ExportAsync);
        Map("POST", "/namespaces/{name}/import", ImportAsync);

        void Map(string method, string path, Func<MemoryRequest, Task> handler) =>
            endpoints.MapMethods($"{NativeEndpoints.Memory}{path}", [method], context => RespondAsync(context, handler)).RequireAuthorization(AccessPolicy.Agents);
    }

    private static async Task RespondAsync(HttpContext context, Func<MemoryRequest, Task> handler)
    {
        var request = new MemoryRequest(context);
        try
        {
            await handler(request);
        }
        catch (Exception exception) when (request.System.Explain(exception) is not null && !context.RequestAborted.IsCancellationRequested)
        {
            if (context.Response.HasStarted)
            {
                // The response has begun. The abort shows the client that the response is incomplete.
                context.Abort();
            }

            await context.Refuse(EdgeError.Unavailable("The edge cannot reach its memory at the moment."));
        }
    }

    private static async Task StoreAsync(MemoryRequest request)
    {
        if (await request.ReadAsync() is not { } document)
        {
            return;
        }

        using (document)
        {
            var now = request.Time.GetUtcNow();
            var body = new MemoryBody(document.RootElement);
            var space = body.Text("namespace", 128, isRequired: true)?.Trim();
            var memories = new List<NewMemory>();
            EdgeError? wrong = null;
            var isBatch = body.Has("items", out var items);
            if (isBatch)
            {
                if (items.ValueKind != JsonValueKind.Array || items.GetArrayLength() is 0 or > MaxItems)
                {
                    body.Refuse("items", $"'items' must be a list of 1 to {MaxItems} entries.");
                }
                else
                {
                    var i = 0;
                    foreach (var item in items.EnumerateArray())
                    {
                        var one = new MemoryBody(item, $"items[{i++}].");
                        memories.Add(Read(one, now));
                        wrong ??= one.End();
                    }
                }
            }
            else
            {
                memories.Add(Read(body, now));
            }

            if ((body.End() ?? wrong ?? Repeated(memories)) is { } refusal)
            {
                await request.RefuseAsync(refusal);
                return;
            }

            // Counts the request against the rate limits. If texts must be embedded, the embedding request is counted instead. Entries that exist are not embedded
            // again, which only the writer knows.
            if (memories.TrueForAll(memory => memory.Vector is not null) && !await request.TryAcquireAsync())
            {
                return;
            }

            var (stored, error) = await request.Get<MemoryWriter>().StoreAsync(request.Caller, space!, memories, request.Aborted, request.CountAsync);
            if (error is not null)
            {
                await request.RefuseAsync(error);
                return;
            }

            await request.Context.RespondAsync(StatusCodes.Status201Created, json =>
            {
                if (!isBatch)
                {
                    MemoryResponses.Write(json, stored[0]);
                    return;
                }

                json.WriteString("namespace", stored[0].Namespace);
                json.WriteNumber("count", stored.Count);
                json.WriteStartArray("memories");
                foreach (var memory in stored)
                {
                    json.WriteStartObject();
                    MemoryResponses.Write(json, memory);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
        }
    }

    private static async Task SearchAsync(MemoryRequest request)
    {
        var from = request.Time.GetTimestamp();
        if (await request.ReadAsync() is not { } document)
        {
            return;
        }

        using (document)
        {
            if (SearchBody.Read(document.RootElement, out var space, out var requested) is { } refusal)
            {
                await request.RefuseAsync(refusal);
                return;
            }

            if ((requested.Vector is not null || requested.Order == MemoryOrder.Text) && !await request.TryAcquireAsync())
            {
                return;
            }

            var (found, error) = await request.Get<MemorySearch>().FindAsync(request.Caller, space, requested, request.Aborted);
            if (error is not null)
            {
                await request.RefuseAsync(error);
                return;
            }

            await request.Context.RespondAsync(StatusCodes.Status200OK, json =>
            {
                json.WriteStartArray("results");
                foreach (var result in found!.Results)
                {
                    json.WriteStartObject();
                    MemoryResponses.Write(json, found.Space, result);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteString("query", requested.Query);
                json.WriteString("namespace", found.Space.Name);
                json.WriteNumber("count", found.Results.Count);
                json.WriteString("order", SearchBody.NameOf(found.Order));
                json.WriteNumber("latencyMs", (long)request.Time.GetElapsedTime(from).TotalMilliseconds);
            });
        }
    }

    private static async Task GetAsync(MemoryRequest request)
    {
        if (!await request.TryAcquireAsync())
        {
            return;
        }

        var id = request.Route("id");
        var memory = NewMemory.IsId(id) ? await request.Store.FindAsync(request.Caller.Tenant, id, request.Aborted) : null;
        await (memory is null ? request.Context.Refuse(NoEntry) : request.Context.RespondAsync(StatusCodes.Status200OK, json => MemoryResponses.Write(json, memory)));
    }

    private static async Task DeleteAsync(MemoryRequest request)
    {
        if (!await request.TryAcquireAsync())
        {
            return;
        }

        var id = request.Route("id");
        var isDeleted = NewMemory.IsId(id) && await request.Store.DeleteAsync(request.Caller.Tenant, id, CancellationToken.None);
        await (isDeleted ? request.Context.RespondAsync(StatusCodes.Status200OK, json => WriteDeleted(json, id)) : request.Context.Refuse(NoEntry));
    }

    private static void WriteDeleted(Utf8JsonWriter json, string id)
    {
        json.WriteBoolean("deleted", true);
        json.WriteString("id", id);
    }

    private static NewMemory Read(MemoryBody body, DateTimeOffset now)
    {
        var id = body.Text("id", 128);
        if (id is not null && !NewMemory.IsId(id))
        {
            body.Refuse("id", $"'id' must begin with {NewMemory.IdPrefix}, and have only visible ASCII characters other than '/'.");
        }

        return new NewMemory(id, body.Text("content", NewMemory.LongestContent, isRequired: true) ?? "", body.Metadata("metadata"), body.Time("expiresAt", now), body.Vector("embedding"));
    }

    private static EdgeError? Repeated(List<NewMemory> memories) =>
        memories.Where(memory => memory.Id is not null).GroupBy(memory => memory.Id).FirstOrDefault(same => same.Count() > 1) is { Key: { } twice }
            ? EdgeError.Invalid($"Two entries of the request must not have the same id '{twice}'.", "items")
            : null;

    private static EdgeError NoEntry => new(ErrorKind.NotFound, "There is no such entry.");
}
