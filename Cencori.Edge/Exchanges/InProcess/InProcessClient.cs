using System.Diagnostics;
using System.Runtime.InteropServices;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Exchanges.InProcess;

/// <summary>
/// Sends the edge's own requests through the whole pipeline, so that limits, budgets, agents, records and metrics apply to them too.
/// Instead of a key, such a request carries the caller object, which exists only in memory. So no client can forge one.
/// </summary>
public sealed class InProcessClient(ProjectCache projects, IServiceScopeFactory scopes)
{
    private RequestDelegate? _pipeline;

    /// <summary>Stores the delegate that runs the whole pipeline. Must be the first middleware. Adds no cost to a request.</summary>
    public RequestDelegate Open(RequestDelegate next) => _pipeline = next;

    /// <summary>
    /// Sends a request, and completes when the whole response is written. If the edge refuses the request, the exchange holds the error, and
    /// <paramref name="body"/> gets the error body that a client would get.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Gets the body of the response.</param>
    /// <param name="aborted">Cancelled when the result is no longer wanted.</param>
    /// <returns>The exchange. Null: the project does not exist, or <see cref="InProcessRequest.ChangeProject"/> returned null.</returns>
    public async Task<Exchange?> SendAsync(InProcessRequest request, Stream body, CancellationToken aborted)
    {
        if ((request.ParentCaller?.Project ?? await projects.GetAsync(request.ProjectId)) is not { } project)
        {
            return null;
        }

        if (request.Credential is { } only)
        {
            project = project with { Credentials = [only] };
        }

        if (request.ChangeProject is { } changeProject)
        {
            if (changeProject(project) is not { } changedProject)
            {
                return null;
            }

            project = changedProject;
        }

        // The request must not become part of the current trace.
        Activity.Current = null;
        await using var scope = scopes.CreateAsyncScope();
        var response = new InProcessResponse(body);
        var context = ContextOf(request, response);
        context.RequestServices = scope.ServiceProvider;
        context.RequestAborted = aborted;
        context.Features.Set(new Caller(request.ParentCaller?.Key ?? KeyOf(request), project) { ShadowOf = request.ShadowOf, RecordedAs = request.RecordedAs });

        // Callbacks run in reverse order, so this one, registered first, sees the final headers.
        context.Response.OnStarting(() =>
        {
            request.Beginning?.Invoke(context.Response);
            return Task.CompletedTask;
        });
        try
        {
            await _pipeline!(context);
            await response.CompleteAsync();
        }
        finally
        {
            await response.EndAsync();
        }

        return Exchange.Of(context);
    }

    private static ApiKey KeyOf(InProcessRequest request) => new()
    {
        Id = request.KeyId,
        ProjectId = request.ProjectId,
        Type = Storage.KeyType.Secret,
        Environment = request.Environment,
        AllowedDomains = [],
        AllowedModels = null,
        ExpiresAt = null,
        IsRevoked = false,
    };

    private static DefaultHttpContext ContextOf(InProcessRequest request, InProcessResponse response)
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature { RawTarget = request.Path });
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(response);
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        var context = new DefaultHttpContext(features);
        context.Connection.RemoteIpAddress = request.Address;
        var sent = context.Request;
        (sent.Method, sent.Scheme, sent.Protocol, sent.Host, sent.Path) = (HttpMethods.Post, "http", HttpProtocol.Http11, new HostString("localhost"), request.Path);
        sent.ContentType = "application/json";
        sent.ContentLength = request.Json.Length;
        sent.Headers["X-Cencori-App"] = request.App;
        foreach (var (name, value) in request.Headers)
        {
            sent.Headers[name] = value;
        }

        var bytes = MemoryMarshal.TryGetArray(request.Json, out var segment) ? segment : new(request.Json.ToArray());
        sent.Body = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        return context;
    }
}
