using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Implements <see cref="IMemoryRecall"/> with the memory in the edge's own database.</summary>
internal sealed class MemoryRecall(MemorySearch search, MemoryWriter writer, MemoryScreen screen, IDatabaseSystem system) : IMemoryRecall
{
    // A chat waits this long for the embedding of its question. After that time, the search ranks entries by words.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public async Task<(RecalledMemories? Memories, EdgeError? Error)> RecallAsync(Exchange exchange, string @namespace, string question, int limit, double? threshold, string namespaceParam)
    {
        try
        {
            var who = MemoryCaller.Of(exchange);
            var (found, error) = await search.FindAsync(who, @namespace, new MemoryQuery(question, limit) { Threshold = threshold, Timeout = Timeout }, exchange.Context.RequestAborted);
            if (found is null)
            {
                return (null, AdaptError(exchange, error!, namespaceParam));
            }

            // Applies the policies again: rules that were added after an entry was stored must mask it for the model and in the sources.
            var (screened, violation) = await screen.ApplyAsync(who, [.. found.Results.Select(one => new NewMemory(one.Row.Id, one.Row.Content, one.Row.Metadata, null, null))], exchange.Context.RequestAborted);
            return violation is not null
                ? (null, AdaptError(exchange, violation, namespaceParam))
                : (new RecalledMemories([.. screened.Zip(found.Results, (memory, one) => new RecalledMemory(memory.Id!, memory.Content, memory.Metadata, one.Similarity))]), null);
        }
        catch (Exception exception) when (system.Explain(exception) is not null)
        {
            return (null, EdgeError.Unavailable("The edge cannot search the memory, because its database does not respond at the moment. Try again later."));
        }
    }

    private static EdgeError AdaptError(Exchange exchange, EdgeError error, string namespaceParam) =>
        error.Kind == ErrorKind.PolicyViolation && exchange.Endpoint.Errors != ErrorDialect.Flat ? error with { Status = ErrorKind.PolicyViolation.Status }
        : error.Param == "namespace" ? error with { Param = namespaceParam }
        : error;

    public async Task<EdgeError?> StoreAsync(Caller caller, Agent? agent, string @namespace, string content)
    {
        var (_, error) = await writer.StoreAsync(new MemoryCaller(caller, agent, null), @namespace, [new NewMemory(null, content, null, null, null)], CancellationToken.None);
        return error;
    }
}
