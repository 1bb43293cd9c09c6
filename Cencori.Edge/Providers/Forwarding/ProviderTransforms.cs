using Cencori.Edge.Providers.Catalog;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// Adds the request and response transforms to every route. Both directions use an allow-list: a header
/// that is not in the list is not passed on.
/// </summary>
public sealed class ProviderTransforms(ProviderRequestTransform swap, ProviderResponseTransform response) : ITransformProvider
{
    private static readonly string[] ResponseHeaders =
    [
        "Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Disposition", "Content-Range",
        "Accept-Ranges", "Cache-Control", "ETag", "Last-Modified", "Retry-After", "retry-after-ms", "x-should-retry",
        "openai-processing-ms", "openai-version", "openai-model", "openai-poll-after-ms",
        "Sec-WebSocket-Accept", "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol",
    ];

    public void Apply(TransformBuilderContext context)
    {
        context.UseDefaultForwarders = false;
        context.CopyResponseTrailers = false;
        context.AddRequestHeadersAllowed(PassedHeaders.Names);
        context.AddRequestTransform(swap.Apply);
        context.AddResponseHeadersAllowed(ResponseHeaders);
        context.AddResponseTransform(response.Apply);
    }

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
        if (!ProviderDefinition.TryCreate(context.Cluster, out _, out var problems))
        {
            problems.ForEach(problem => context.Errors.Add(new ProviderFaultException(problem)));
        }
    }
}
