using System.Text.Json;
using Cencori.Edge.Errors;
using Cencori.Edge.Memory.Search;

namespace Cencori.Edge.Memory.Api;

/// <summary>Reads the JSON of a search from a request of a caller or an administrator.</summary>
internal static class SearchBody
{
    private const int DefaultLimit = 10;

    /// <param name="json">The body of <c>POST /api/memory/search</c>.</param>
    /// <param name="space">The name or id of the namespace; valid only without an error.</param>
    /// <param name="requested">The search; valid only without an error.</param>
    public static EdgeError? Read(JsonElement json, out string space, out MemoryQuery requested)
    {
        var body = new MemoryBody(json);
        space = body.Text("namespace", 128, isRequired: true)?.Trim() ?? "";
        var query = body.Text("query", NewMemory.LongestContent, isRequired: true) ?? "";
        var limit = body.Integer("limit", 1, MemorySearch.MaxResults) ?? DefaultLimit;
        var threshold = body.Share("threshold");
        var vector = body.Vector("embedding");
        MemoryFilter? filter = null;
        var wrong = body.Has("filter", out var terms) ? MemoryFilter.Read(terms, out filter) : null;
        MemoryOrder? order = body.Text("order", 16) is { } named ? Enum.GetValues<MemoryOrder>().Cast<MemoryOrder?>().FirstOrDefault(one => NameOf(one!.Value) == named) : MemoryOrder.Vector;
        _ = order is null ? body.Refuse("order", "'order' must be 'vector', 'text' or 'blended'.") : null;
        requested = new MemoryQuery(query, limit) { Threshold = threshold, Filter = filter, Order = order ?? MemoryOrder.Vector, Vector = vector };
        return body.End() ?? wrong;
    }

    public static string NameOf(MemoryOrder order) => JsonNamingPolicy.CamelCase.ConvertName(order.ToString());
}
