using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Exchanges;

public static class AliasPaths
{
    /// <summary>
    /// Finds the route of each request. Routes know one name of each path: a request that came by the other bears that one while its
    /// route is looked for, and keeps its own.
    /// </summary>
    public static void UseEdgeRouting(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            if (Exchange.Of(context) is { IsAlias: true } exchange)
            {
                context.Request.Path = EndpointTable.Canonical(exchange.Rest);
            }

            return next(context);
        });
        app.UseRouting();
        app.Use((context, next) =>
        {
            if (Exchange.Of(context) is { IsAlias: true } exchange)
            {
                context.Request.Path = exchange.Path;
            }

            return next(context);
        });
    }
}
