using System.Text;
using Cencori.Edge.Bodies.Splicing;
using Microsoft.AspNetCore.WebUtilities;

namespace Cencori.Edge.Bodies;

/// <summary>A request that names its model in the query, such as a realtime session. A body, if any, streams through unchanged.</summary>
public sealed class QueryContent : RequestContent
{
    public const string ModelName = "model";

    private QueryString? _original;

    public QueryContent(string model) => Model = model;

    protected override bool TryTakeModel() => false;

    public override HttpContent? Prepare(HttpRequest request, string? model, UsageOption usage)
    {
        // Starts from the original query: an earlier attempt may have changed the request's query.
        request.QueryString = _original ??= request.QueryString;
        if (model is null || model == Model)
        {
            return null;
        }

        // Rewrites only the pair that names the model, so that the other parameters keep their original encoding.
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
