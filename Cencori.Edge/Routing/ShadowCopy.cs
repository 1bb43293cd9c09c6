using Cencori.Edge.Exchanges;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing;

/// <summary>The copy of a request that is kept until it is sent to the shadow model.</summary>
/// <param name="Traffic">The sender.</param>
/// <param name="ProjectId">The project.</param>
/// <param name="Environment">The environment of the caller's key.</param>
/// <param name="Route">The route's name.</param>
/// <param name="Shadow">The shadow target and its settings.</param>
/// <param name="Path">The path, beginning with <c>/v1</c>.</param>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="RequestId">The id of the original request.</param>
/// <param name="Body">The body, with the shadow's model in place of the route's name.</param>
internal sealed record ShadowCopy(
    ShadowTraffic Traffic, string ProjectId, KeyEnvironment Environment, string Route, RouteShadow Shadow, string Path, string Endpoint, string RequestId, byte[] Body) : IExchangeFollower
{
    void IExchangeFollower.Ended(bool isDelivered)
    {
        if (isDelivered)
        {
            ShadowTraffic.Send(this);
        }
        else
        {
            Traffic.ReleaseCopy(ProjectId);
        }
    }
}
