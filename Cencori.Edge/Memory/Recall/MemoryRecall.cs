using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory.Recall;

/// <summary>The memory of the edge's own database.</summary>
internal sealed class MemoryRecall(MemorySearch search, MemoryWriter writer, IDatabaseSystem system) : IMemoryRecall
{
    public async Task<(RecalledMemories? Memories, EdgeError? Error)> RecallAsync(Exchange exchange, string @namespace, string question, int limit, double? threshold, string namespaceParam)
    {
        try
        {
            var (found, error) = await search.FindAsync(MemoryCaller.Of(exchange), @namespace, new MemoryQuery(question, limit) { Threshold = threshold }, exchange.Context.RequestAborted);
            return found is null
                ? (null, error!.Param == "namespace" ? error with { Param = namespaceParam } : error)
                : (new RecalledMemories([.. found.Results.Select(one => new RecalledMemory(one.Row.Id, one.Row.Content, one.Row.Metadata, one.Similarity))]), null);
        }
        catch (Exception exception) when (system.Explain(exception) is not null)
        {
            return (null, EdgeError.Unavailable("The edge cannot reach its memory at the moment."));
        }
    }

    public async Task<EdgeError?> StoreAsync(Caller caller, Agent? agent, string @namespace, string content)
    {
        var (_, error) = await writer.StoreAsync(new MemoryCaller(caller, agent, null), @namespace, [new NewMemory(null, content, null, null, null)], CancellationToken.None);
        return error;
    }
}
