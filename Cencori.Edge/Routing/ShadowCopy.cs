using Cencori.Edge.Exchanges;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing;

/// <summary>What is kept of a request until its shadow is sent.</summary>
/// <param name="Traffic">Who sends it.</param>
/// <param name="ProjectId">Whose.</param>
/// <param name="Environment">Of the caller's key.</param>
/// <param name="Route">The route's name.</param>
/// <param name="Shadow">Where it goes.</param>
/// <param name="Path">From <c>/v1</c> on.</param>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="RequestId">Of the request that it is a copy of.</param>
/// <param name="Body">With the shadow's model in place of the route's.</param>
internal sealed record ShadowCopy(
    ShadowTraffic Traffic, string ProjectId, KeyEnvironment Environment, string Route, RouteShadow Shadow, string Path, string Endpoint, string RequestId, byte[] Body) : IExchangeFollower
{
    void IExchangeFollower.Ended(bool isGood)
    {
        if (isGood)
        {
            ShadowTraffic.Send(this);
        }
        else
        {
            Traffic.Leave(ProjectId);
        }
    }
}
