using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Exchanges;

public static class AliasPaths
{
    /// <summary>
    /// Adds routing. Each route has one path and one method. A request with an alias path, or with a WebSocket CONNECT, gets the route's path
    /// and method while routes are matched. Afterwards it gets its own path and method back.
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
