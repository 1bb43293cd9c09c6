using System.Collections.Concurrent;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Tests.Memory.Recall;

/// <summary>A memory whose searches return all entries that a test has added. Other tests cover the search itself.</summary>
internal sealed class StoredMemory : IMemoryRecall
{
    private readonly ConcurrentDictionary<string, RecalledMemory[]> _namespaces = new();

    public ConcurrentQueue<(string Namespace, string Question, int Limit, double? Threshold)> Asked { get; } = new();

    public ConcurrentQueue<(string Project, string? Agent, string Namespace, string Content)> Stored { get; } = new();

    /// <summary>Adds a namespace with these entries.</summary>
    public string Add(params RecalledMemory[] entries)
    {
        var name = $"notes {_namespaces.Count}";
        _namespaces[name] = entries;
        return name;
    }

    public string Add(params string[] entries) => Add([.. entries.Select(content => new RecalledMemory("mem_1", content, null, 0.9))]);

    public async Task<(RecalledMemories? Memories, EdgeError? Error)> RecallAsync(Exchange exchange, string @namespace, string question, int limit, double? threshold, string namespaceParam)
    {
        await Task.Yield();
        Asked.Enqueue((@namespace, question, limit, threshold));
        return _namespaces.TryGetValue(@namespace, out var entries)
            ? (new([.. entries.Take(limit)]), null)
            : (null, new EdgeError(ErrorKind.NotFound, "There is no such namespace.") { Param = namespaceParam });
    }

    public Task<EdgeError?> StoreAsync(Caller caller, Agent? agent, string @namespace, string content)
    {
        Stored.Enqueue((caller.Project.Id, agent?.Id, @namespace, content));
        return Task.FromResult<EdgeError?>(null);
    }
}
