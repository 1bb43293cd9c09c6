using Cencori.Edge.Errors;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// The outermost middleware. It begins an exchange and ends it exactly once, however the request ends. At the latest then, the exchange is settled, and its
/// record and metrics are written.
/// </summary>
public sealed class ExchangeMiddleware(RequestDelegate next, ErrorHandler errors, BackgroundWork later, ExchangeRecorder recorder, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var exchange = new Exchange(context, time);
        context.TraceIdentifier = RequestId.For(context.Request, time.GetUtcNow());

        // Runs after the proxy has copied the provider's headers, so the edge's own headers win.
        context.Response.OnStarting(
            static state =>
            {
                ResponseHeaders.Write((Exchange)state);
                return Task.CompletedTask;
            },
            exchange);
        try
        {
            try
            {
                try
                {
                    await next(context);
                }
                finally
                {
                    if (exchange.Last is { Follower: not null })
                    {
                        // Records background work and settles, if the response did not reach its end.
                        await later.EndAsync(exchange);
                    }
                }
            }
            catch (Exception exception)
            {
                if (!errors.TryHandle(context, exception))
                {
                    return;
                }
            }

            // A client that reads an error may send its next request at once. By then, the concurrency slot of this request must be free.
            exchange.End();
            if (!context.RequestAborted.IsCancellationRequested && recorder.KeepAsync(exchange) is { IsCompletedSuccessfully: false } keeping)
            {
                await keeping;
            }

            var responding = ErrorHandler.RespondAsync(context);
            if (!responding.IsCompletedSuccessfully)
            {
                await responding;
            }
        }
        finally
        {
            try
            {
                exchange.End();
                recorder.Record(exchange);
            }
            finally
            {
                exchange.Content?.Dispose();
                exchange.Follower?.Ended((exchange.Record?.Outcome ?? ExchangeRecorder.OutcomeOf(exchange, exchange.Last)) is RequestOutcome.Success or RequestOutcome.SuccessFallback);
            }
        }
    }
}
