using System.Diagnostics;
using System.Net.Http.Headers;
using Cencori.Edge.Egress;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>Sends requests to guardrails. Guardrails have their own connections. Calls to a provider's moderation endpoint use the connections of that
/// provider.</summary>
public sealed class GuardrailConnection(EgressGuard guard, ProviderCatalog providers, IProxyStateLookup proxy, TimeProvider time) : IDisposable
{
    /// <summary>Length of the longest accepted response, in bytes.</summary>
    public const int LongestResponse = 1024 * 1024;

    private const string Moderator = "openai";
    private const int MaxConnections = 128;

    private readonly HttpMessageInvoker _http = new(new GuardedHandler(Connections(), Connections(), guard));

    public void Dispose() => _http.Dispose();

    /// <exception cref="GuardrailFaultException">The response is not a success.</exception>
    internal Task<byte[]> PostAsync(Guardrail guardrail, string path, byte[] body, CancellationToken cancellation)
    {
        var request = RequestTo(path.Length == 0 ? guardrail.Url! : new Uri(guardrail.Url!.AbsoluteUri.TrimEnd('/') + path), body);
        GuardedHandler.Mark(request);
        if (guardrail is { Type: GuardrailType.Http, Secret: { } secret })
        {
            request.Headers.Add(SignedWebhook.SignatureHeader, SignedWebhook.Sign(secret, body, time.GetUtcNow()));
        }
        else if (guardrail.Secret is { } key)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        return SendAsync(_http, request, cancellation);
    }

    /// <summary>Calls the provider's moderation endpoint with the project's own credential: the credential for the environment of the request's key, or else
    /// the credential for production.</summary>
    /// <exception cref="GuardrailFaultException">The response is not a success, or there is no credential.</exception>
    internal Task<byte[]> ModerateAsync(ProjectSnapshot project, KeyEnvironment environment, byte[] body, CancellationToken cancellation)
    {
        var credential = project.Credential(Moderator, environment) is { Secret: not null } own ? own : project.Credential(Moderator, KeyEnvironment.Production);
        if (credential?.Secret is not { } secret || providers.Find(Moderator) is not { } provider || !proxy.TryGetCluster(Moderator, out var cluster) || cluster.Destinations.Values.FirstOrDefault() is not { } destination)
        {
            throw new GuardrailFaultException($"The project has no credential for the provider '{Moderator}'.");
        }

        var address = credential.BaseUrl?.AbsoluteUri ?? destination.Model.Config.Address.TrimEnd('/') + provider.PathBase;
        var request = RequestTo(RequestUtilities.MakeDestinationAddress(address, "/moderations", credential.BaseUrl is null ? default : new QueryString(credential.Query is { } query ? "?" + query : null)), body);
        if (credential.BaseUrl is not null)
        {
            GuardedHandler.Mark(request);
        }

        if (provider.CredentialScheme.HeaderName is { } header)
        {
            request.Headers.TryAddWithoutValidation(header, provider.CredentialScheme.Prefix + secret);
        }

        return SendAsync(cluster.Model.HttpClient, request, cancellation);
    }

    private static HttpRequestMessage RequestTo(Uri url, byte[] body) => new(HttpMethod.Post, url)
    {
        Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    };

    private static async Task<byte[]> SendAsync(HttpMessageInvoker http, HttpRequestMessage request, CancellationToken cancellation)
    {
        using (request)
        {
            using var response = await http.SendAsync(request, cancellation);
            if (!response.IsSuccessStatusCode)
            {
                throw new GuardrailFaultException($"The guardrail responded with status {(int)response.StatusCode}.");
            }

            await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
            using var read = new MemoryStream();
            var part = new byte[16 * 1024];
            for (int count; (count = await stream.ReadAsync(part, cancellation)) > 0;)
            {
                if (read.Length + count > LongestResponse)
                {
                    throw new GuardrailFaultException("The guardrail's response is too long.");
                }

                read.Write(part, 0, count);
            }

            return read.ToArray();
        }
    }

    // Redirects are not followed: they could lead to an address that no administrator configured. The caller's trace headers and baggage are not sent on.
    private static SocketsHttpHandler Connections()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = MaxConnections,
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        };
        EnvironmentProxy.Use(handler);
        return handler;
    }
}
