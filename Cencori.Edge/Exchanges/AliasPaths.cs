using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Exchanges;

public static class AliasPaths
{
    /// <summary>
    /// Finds the route of each request. Routes know one name of each path and of each method: a request that came by another bears that one
    /// while its route is looked for, and keeps its own.
    /// </summary>
    public static void UseEdgeRouting(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            var exchange = Exchange.Of(context);
            if (exchange.IsAlias)
            {
                context.Request.Path = EndpointTable.Canonical(exchange.Rest);
            }

            if (exchange.IsConnect)
            {
                context.Request.Method = HttpMethods.Get;
            }

            return next(context);
        });
        app.UseRouting();
        app.Use((context, next) =>
        {
            var exchange = Exchange.Of(context);
            if (exchange.IsAlias)
            {
                context.Request.Path = exchange.Path;
            }

            if (exchange.IsConnect)
            {
                context.Request.Method = HttpMethods.Connect;
            }

            return next(context);
        });
    }
}
