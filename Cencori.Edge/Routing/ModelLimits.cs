using Cencori.Edge.Bodies;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Routing;

/// <summary>
/// What a key that is limited to some models may send: the router holds the one model that the edge has read against the key's list, so
/// whatever else may choose a model is refused.
/// </summary>
internal static class ModelLimits
{
    private static readonly EdgeError Untold = EdgeError.Forbidden(
        "This key is limited to some models, and this request may run others than the one it names, if it names one.", Reasons.ModelNotAllowed) with { Param = "model" };

    // What stands in front of a model in paths of one provider or another.
    private static readonly string[] Collections = ["model", "models", "engines", "deployments"];

    /// <summary>Null: nothing but the content's model chooses one.</summary>
    public static EdgeError? Refusal(Exchange exchange, RequestContent content)
    {
        var (endpoint, request) = (exchange.Endpoint, exchange.Context.Request);
        var isUntold = content.MayRunAnyModel
            || endpoint.RunsUntoldModel
            || IsInQuery(request)
            || (!endpoint.StoresFiles && (IsInPath(exchange.Rest.Value!) || !IsUtf8(request.ContentType) || BeginsWithoutModel(endpoint, request, content)));
        return isUntold ? Untold : null;
    }

    // As the most lenient server splits it, which takes an escaped slash, or a backslash, for a slash.
    private static bool IsInPath(string path) =>
        path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Split('/', '\\').Any(segment => Collections.Contains(segment, StringComparer.OrdinalIgnoreCase));

    // The one that is called model has been read.
    private static bool IsInQuery(HttpRequest request) =>
        request.QueryString.HasValue && request.Query.Keys.Any(name =>
            name.StartsWith(QueryContent.ModelName, StringComparison.OrdinalIgnoreCase) && name.Length > QueryContent.ModelName.Length);

    // In another charset a provider may read other words than the edge has.
    private static bool IsUtf8(string? contentType) =>
        !MediaTypeHeaderValue.TryParse(contentType, out var type)
        || !type.Charset.HasValue
        || HeaderUtilities.RemoveQuotes(type.Charset).ToString().ToLowerInvariant() is "utf-8" or "utf8" or "us-ascii" or "ascii";

    // It goes by what is stored.
    private static bool BeginsWithoutModel(EdgeEndpoint endpoint, HttpRequest request, RequestContent content) =>
        HttpMethods.IsPost(request.Method) && content.Model is null && !endpoint.ShowsBackgroundWork;
}
