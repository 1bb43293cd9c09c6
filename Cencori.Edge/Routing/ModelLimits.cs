using Cencori.Edge.Bodies;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;

namespace Cencori.Edge.Routing;

/// <summary>
/// Checks the requests of keys with a list of allowed models. The router checks the one model that the edge has read. This class refuses a request
/// if the provider may run another model than that one.
/// </summary>
internal static class ModelLimits
{
    private static readonly EdgeError ModelNotNamed = EdgeError.Forbidden(
        "This key may use only some models. Send a request in UTF-8 that can run only the model in its field 'model', or use a key without a list of models.", Reasons.ModelNotAllowed) with { Param = "model" };

    // Path segments that precede a model's name at some provider.
    private static readonly string[] Collections = ["model", "models", "engines", "deployments"];

    /// <summary>Returns the error if another model may run. Null: only the model that the edge has read can run.</summary>
    public static EdgeError? Refusal(Exchange exchange, RequestContent content)
    {
        var (endpoint, request) = (exchange.Endpoint, exchange.Context.Request);

        // Only UTF-8 is accepted: with another charset, a provider may read another model name than the edge did.
        var isUnnamed = content.MayRunAnyModel
            || endpoint.RunsUnnamedModel
            || IsInQuery(request)
            || (!endpoint.StoresFiles && (IsInPath(exchange.Rest.Value!) || !BodyCharset.IsUtf8(request.ContentType) || BeginsWithoutModel(endpoint, request, content)));
        return isUnnamed ? ModelNotNamed : null;
    }

    // Splits as the most lenient server does: an escaped slash and a backslash count as slashes.
    private static bool IsInPath(string path) =>
        path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Split('/', '\\').Any(segment => Collections.Contains(segment, StringComparer.OrdinalIgnoreCase));

    // The router has checked the query parameter "model". A provider may also read a model from a longer name, such as "model_id".
    private static bool IsInQuery(HttpRequest request) =>
        request.QueryString.HasValue && request.Query.Keys.Any(name =>
            name.StartsWith(QueryContent.ModelName, StringComparison.OrdinalIgnoreCase) && name.Length > QueryContent.ModelName.Length);

    // A POST without a model may run the model of a stored object, such as an earlier response.
    private static bool BeginsWithoutModel(EdgeEndpoint endpoint, HttpRequest request, RequestContent content) =>
        HttpMethods.IsPost(request.Method) && content.Model is null && !endpoint.ShowsBackgroundWork;
}
