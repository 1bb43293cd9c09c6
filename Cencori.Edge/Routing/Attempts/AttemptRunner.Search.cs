using Cencori.Edge.Bodies;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Routing.Selection;

namespace Cencori.Edge.Routing.Attempts;

public sealed partial class AttemptRunner
{
    /// <summary>Asks one credential after the other until one of them has the stored object.</summary>
    internal async Task SearchAsync(HttpContext context, RequestDelegate forward, RequestContent content, ProviderChoice choice, OwnerSearch search)
    {
        var (query, exchange) = (context.Request.QueryString, Exchange.Of(context));
        while (true)
        {
            choice = choice with { Credential = search.Current };
            if (choice.Credential is { Limits: not null } limited && !await TryTakeQuotaAsync(exchange, content, limited))
            {
                return;
            }

            if (Begin(exchange, content, choice, handshake: null, search, out var attempt) is { } attemptError)
            {
                await context.Refuse(attemptError);
                return;
            }

            await forward(context);
            Conclude(context, attempt);
            if (context.RequestAborted.IsCancellationRequested || context.Response.HasStarted || !search.TryNext())
            {
                await WriteFailureAsync(context, attempt);
                return;
            }

            exchange.SettleAttempts();
            Forget(context);
            context.Request.QueryString = query;
        }
    }
}
