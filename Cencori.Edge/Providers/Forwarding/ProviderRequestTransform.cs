using Cencori.Edge.Egress;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Sandbox;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Prepares a request that YARP forwards: sets the address of the provider, and replaces the caller's API key with the project's credential.</summary>
public sealed class ProviderRequestTransform(LoopMark mark)
{
    // Keeps the caller's encoding: by default, .NET decodes characters that need no encoding.
    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public ValueTask Apply(RequestTransformContext context)
    {
        // Fail closed: a request that reaches a provider route without a routing decision must not be sent.
        var attempt = context.HttpContext.Features.Get<Attempt>()
            ?? throw new InvalidOperationException("A request reached a provider route without being routed.");

        if (attempt.Credential?.BaseUrl is not null)
        {
            GuardedHandler.Mark(context.ProxyRequest);
        }

        var query = Join(attempt.Credential?.Query, context.Query.QueryString);
        if (attempt.PathAsSent is { } path && query.Value?.Contains('#', StringComparison.Ordinal) != true)
        {
            var address = attempt.Credential?.BaseUrl?.AbsoluteUri ?? context.DestinationPrefix.TrimEnd('/') + attempt.Provider.PathBase;
            context.ProxyRequest.RequestUri = new Uri(address.TrimEnd('/') + path + query.Value, Verbatim);
        }
        else if (attempt.Credential?.BaseUrl is { } baseUrl)
        {
            context.ProxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(baseUrl.AbsoluteUri, attempt.Path, query);
        }
        else
        {
            context.Path = new PathString(attempt.Provider.PathBase).Add(attempt.Path);
        }

        if (attempt.Provider.Id == ProviderDefinition.SandboxId && attempt.KeyId is { } key)
        {
            SandboxHandler.SetCaller(context.ProxyRequest, key);
        }

        if (attempt is { IsStream: true, FailoverPolicy.Timeout: { } timeout })
        {
            ResponseTimeoutHandler.Set(context.ProxyRequest, timeout);
        }

        if (attempt.Body is { } body)
        {
            BufferedBodyHandler.Set(context.ProxyRequest, body);
        }

        // The meter must read the response, and compression would gain nothing on this hop.
        context.ProxyRequest.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");

        context.ProxyRequest.Headers.TryAddWithoutValidation(LoopMark.HeaderName, mark.Next(context.HttpContext.Request.Headers));

        if (attempt.Handshake is { Subprotocols: { } subprotocols })
        {
            context.ProxyRequest.Headers.TryAddWithoutValidation(HeaderNames.SecWebSocketProtocol, subprotocols);
        }

        if (attempt.Credential?.Secret is { } secret && attempt.Provider.CredentialScheme.For(attempt.Path, secret) is { HeaderName: not null } scheme)
        {
            var headers = context.ProxyRequest.Headers;

            // Removes the caller's header first: otherwise the caller's header and the edge's header would both be sent.
            // The secret needs no check here, because it was checked when it was stored.
            headers.Remove(scheme.HeaderName);
            headers.TryAddWithoutValidation(scheme.HeaderName, scheme.Prefix + secret);
        }

        return default;
    }

    /// <summary>Joins the query of the base URL and the caller's query. The base URL's query comes first, and its parameters replace the caller's parameters of the same name.</summary>
    public static QueryString Join(string? own, QueryString callers)
    {
        if (own is null)
        {
            return callers;
        }

        var name = own[..own.IndexOf('=')];
        var others = (callers.Value ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(pair => !Uri.UnescapeDataString(pair.Split('=')[0]).Equals(name, StringComparison.OrdinalIgnoreCase));
        return new QueryString("?" + string.Join('&', others.Prepend(own)));
    }
}
