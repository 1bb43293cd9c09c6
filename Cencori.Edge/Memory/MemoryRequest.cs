using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>A request to the memory API.</summary>
internal sealed class MemoryRequest(HttpContext context)
{
    private readonly Exchange _exchange = Exchange.Of(context);

    public HttpContext Context => context;

    public CancellationToken Aborted => context.RequestAborted;

    public MemoryCaller Who { get; } = MemoryCaller.Of(Exchange.Of(context));

    public MemoryStore Store => Get<MemoryStore>();

    public IDatabaseSystem System => Get<IDatabaseSystem>();

    public TimeProvider Time => Get<TimeProvider>();

    public T Get<T>()
        where T : notnull => context.RequestServices.GetRequiredService<T>();

    /// <summary>The server leaves an escaped slash in a path escaped, so it is unescaped here.</summary>
    public string Route(string name) => ((string)context.Request.RouteValues[name]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Trim();

    public ValueTask<bool> TryAcquireAsync() => Get<RequestLimiter>().TryAcquireAsync(context, Who.Caller.Project, tokens: 0, Who.Agent);

    /// <summary>Sends an error. The request is first counted against the limits if it was not yet, because it has cost work.</summary>
    public async Task RefuseAsync(EdgeError error)
    {
        if (_exchange.Reservation is not null || await TryAcquireAsync())
        {
            await context.Refuse(error);
        }
    }

    /// <summary>The whole body, of any content type. To be disposed. Null: refused.</summary>
    public ValueTask<PooledBody?> ReadAllAsync() => Get<RequestReader>().ReadDocumentAsync(context, _exchange.Endpoint, Who.Caller, _exchange.Clock, isJson: false);

    /// <summary>The body as JSON. To be disposed. Null: refused.</summary>
    public async Task<JsonDocument?> ReadAsync()
    {
        if (Get<RequestLimiter>().TryRefuse(context, Who.Caller.Project, Who.Agent)
            || await Get<RequestReader>().ReadDocumentAsync(context, _exchange.Endpoint, Who.Caller, _exchange.Clock) is not { } body)
        {
            return null;
        }

        // The document refers to the buffer as long as it lives.
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
            body.GiveBack();
            body.Dispose();
        }
    }
}
