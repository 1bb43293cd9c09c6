using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Exchanges;

public static class AliasPaths
{
    /// <summary>
    /// Adds routing. Routes know only one name of each path and one method. A request with an alias or a WebSocket CONNECT gets those for
    /// the time of route matching, and its own path and method back afterwards.
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
