using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Memory.Api;

/// <summary>A request to the memory API.</summary>
internal sealed class MemoryRequest(HttpContext context)
{
    private readonly Exchange _exchange = Exchange.Of(context);

    public HttpContext Context => context;

    public CancellationToken Aborted => context.RequestAborted;

    public MemoryCaller Caller { get; } = MemoryCaller.Of(Exchange.Of(context));

    public MemoryStore Store => Get<MemoryStore>();

    public IDatabaseSystem System => Get<IDatabaseSystem>();

    public TimeProvider Time => Get<TimeProvider>();

    public T Get<T>()
        where T : notnull => context.RequestServices.GetRequiredService<T>();

    /// <summary>Returns a value from the request's path. Kestrel leaves <c>%2F</c> encoded, so this method decodes it.</summary>
    public string Route(string name) => ((string)context.Request.RouteValues[name]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Trim();

    public ValueTask<bool> TryAcquireAsync() => Get<RequestLimiter>().TryAcquireAsync(context, Caller.Caller.Project, tokens: 0, Caller.Agent);

    /// <summary>Counts the request against the rate limits if it was not counted yet.</summary>
    /// <returns>The refusal. Null: the request is within the limits.</returns>
    public async Task<EdgeError?> CountAsync() => _exchange.Reservation is not null || await TryAcquireAsync() ? null : context.GetRefusal();

    /// <summary>Sends an error. If the request was not yet counted against the rate limits, it is counted now.</summary>
    public async Task RefuseAsync(EdgeError error)
    {
        if (_exchange.Reservation is not null || await TryAcquireAsync())
        {
            await context.Refuse(error);
        }
    }

    /// <summary>Reads the whole body, of any content type. The caller must dispose it. Null: the request was refused.</summary>
    public ValueTask<PooledBody?> ReadAllAsync() => Get<RequestReader>().ReadDocumentAsync(context, _exchange.Endpoint, Caller.Caller, _exchange.Clock, isJson: false);

    /// <summary>Reads the body as JSON. The caller must dispose the document. Null: the request was refused.</summary>
    public async Task<JsonDocument?> ReadAsync()
    {
        if (Get<RequestLimiter>().TryRefuse(context, Caller.Caller.Project, Caller.Agent)
            || await Get<RequestReader>().ReadDocumentAsync(context, _exchange.Endpoint, Caller.Caller, _exchange.Clock) is not { } body)
        {
            return null;
        }

        // The document refers to the pooled buffer, so the buffer is returned only at the end of the request.
        context.Response.RegisterForDispose(new Loan(body));
        if (MemoryDocument.Parse(body.Borrow(), out var document) is { } wrong)
        {
            await context.Refuse(wrong);
        }

        return document;
    }

    private sealed class Loan(PooledBody body) : IDisposable
    {
        public void Dispose()
        {
            body.EndBorrow();
            body.Dispose();
        }
    }
}
