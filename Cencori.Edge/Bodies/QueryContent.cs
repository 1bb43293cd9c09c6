using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Cencori.Edge.Bodies;

/// <summary>A request with its model in the query, as a realtime session has. A body, if any, streams through unchanged.</summary>
public sealed class QueryContent : RequestContent
{
    public const string ModelName = "model";

    private QueryString? _asItCame;

    public QueryContent(string model) => Model = model;

    protected override bool TryTakeModel() => false;

    public override HttpContent? Prepare(HttpRequest request, string? model, UsageOption usage)
    {
        // Restores the original query: an earlier attempt may have changed it.
        request.QueryString = _asItCame ??= request.QueryString;
        if (model is null || model == Model)
        {
            return null;
        }

        // Rewrites pair by pair, so that the other parameters keep their original encoding.
        var query = new StringBuilder();
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            var isModel = pair.DecodeName().Span.Equals(ModelName, StringComparison.OrdinalIgnoreCase);
            query.Append(query.Length == 0 ? '?' : '&').Append(pair.EncodedName);
            query.Append('=').Append(isModel ? Uri.EscapeDataString(model) : pair.EncodedValue.ToString());
        }

        request.QueryString = new QueryString(query.ToString());
        return null;
    }
}
