using System.Collections.Immutable;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Owners;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing.Attempts;
using Cencori.Edge.Routing.Selection;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Routing;

/// <summary>Where a request must go, because the request names an object that a provider stores.</summary>
/// <param name="Refusal">The error if no credential can be used. Null: one can.</param>
/// <param name="Credential">The only credential that may be used. Null: any credential.</param>
/// <param name="Search">Tries the credentials one after the other, because the edge has not stored which one has the object. Null: no search is needed.</param>
internal sealed record Pin(EdgeError? Refusal, ProviderCredential? Credential, OwnerSearch? Search);

/// <summary>Sends requests about stored objects to the provider and the credential that have the object.</summary>
public sealed class ObjectPinning(StoredObjects stored)
{
    /// <summary>The fields of the request body that must be read to find stored objects.</summary>
    public static NotedFields FieldsToNote(Exchange exchange) => MayBePinned(exchange) ? NotedFields.Stored : NotedFields.None;

    /// <summary>Returns the provider that has the objects named in the request.</summary>
    /// <returns>Null: the requested model determines the provider, the request names no stored object, or the edge does not know who has the object.</returns>
    public ValueTask<string?> ProviderAsync(Exchange exchange, RequestContent content)
    {
        if (content.Model is not null && ModelRouter.RouteOf(exchange.Caller!.Project, content.Model) is null)
        {
            return default;
        }

        var inPath = exchange.Endpoint.HasStoredId || MayBePinned(exchange) ? EndpointTable.StoredId(exchange.Rest) : null;
        return inPath is null && content.StoredIds.Count == 0 ? default : FindProviderAsync(exchange, inPath, content.StoredIds);
    }

    /// <summary>Finds the credential that a request must use with the chosen provider. Call this before any reservation.</summary>
    /// <returns>The pin. Null: the request may use any credential.</returns>
    internal ValueTask<Pin?> FindAsync(Exchange exchange, RequestContent content, in ProviderChoice choice)
    {
        var caller = exchange.Caller!;
        var all = caller.Project.CredentialsOf(choice.Provider.Id, caller.Key.Environment);
        if (all.Length < 2)
        {
            return default;
        }

        var inPath = EndpointTable.StoredId(exchange.Rest);
        return inPath is null && content.StoredIds.Count == 0 ? default : FindAsync(exchange, content, choice, all, inPath);
    }

    // True: a request about a stored object could go to another credential than the one that has the object, so the edge must look up that credential.
    // False: the project has no routes and at most one credential per provider. The requested model determines the provider, and so the credential.
    private static bool MayBePinned(Exchange exchange) =>
        exchange.Caller!.Project is var project && (project.Routes.Count > 0 || project.HasSeveralCredentials(exchange.Caller.Key.Environment));

    private async ValueTask<string?> FindProviderAsync(Exchange exchange, string? inPath, IReadOnlyList<string> inBody)
    {
        var caller = exchange.Caller!;
        var provider = inPath is null ? null : await stored.FindProviderAsync(caller.Project, caller.Key.Environment, inPath);
        for (var i = 0; provider is null && i < inBody.Count; i++)
        {
            provider = await stored.FindProviderAsync(caller.Project, caller.Key.Environment, inBody[i]);
        }

        return provider;
    }

    private async ValueTask<Pin?> FindAsync(Exchange exchange, RequestContent content, ProviderChoice choice, ImmutableArray<ProviderCredential> all, string? inPath)
    {
        (string Credential, string Id)? owner = null;
        foreach (var id in inPath is null ? content.StoredIds : [inPath, .. content.StoredIds])
        {
            if (await stored.FindCredentialAsync(exchange.Caller!.Project, exchange.Caller.Key.Environment, choice.Provider.Id, id) is not { } credential)
            {
                continue;
            }

            if (owner is { } other && other.Credential != credential)
            {
                return new(EdgeError.Invalid($"'{other.Id}' and '{id}' were made with different credentials of the project. Use each of them in a request of its own."), null, null);
            }

            owner = (credential, id);
        }

        return owner is { } found ? Hold(found.Credential, found.Id, choice, all)
            : inPath is not null && IsRepeatable(exchange.Context) ? new(null, null, SearchFor(inPath, exchange, choice, all))
            : null;
    }

    // With another credential the object would not exist, or would belong to another account.
    private static Pin Hold(string credentialId, string id, in ProviderChoice choice, ImmutableArray<ProviderCredential> all)
    {
        var credential = all.FirstOrDefault(one => one.Id == credentialId);
        var model = choice.Model;
        var reason = credential is null ? "is deleted or disabled"
            : credential.Secret is null ? "can no longer be decrypted: store it again"
            : model is not null && credential.Models is { } models && !models.Allows(credential.Provider, model) ? $"is not for the model '{model}'"
            : null;
        return reason is null ? new(null, credential, null)
            : new(new EdgeError(ErrorKind.ProviderNotConfigured, $"'{id}' was made with a credential of the project for the provider '{choice.Provider.Id}'. This credential {reason}."), null, null);
    }

    private static bool IsRepeatable(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && !context.WebSockets.IsWebSocketRequest && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true;

    private OwnerSearch? SearchFor(string id, Exchange exchange, in ProviderChoice choice, ImmutableArray<ProviderCredential> all)
    {
        var usable = all.RemoveAll(one => one.Secret is null);
        if (usable.Length < 2)
        {
            return null;
        }

        var (provider, caller) = (choice.Provider.Id, exchange.Caller!);
        return new(usable, credential => stored.AddAsync(
            new()
            {
                ProjectId = caller.Project.Id,
                Provider = provider,
                CredentialId = credential.Id,
                ObjectId = id,
                KeyId = caller.Key.Id,
                Environment = caller.Key.Environment,
                RequestId = exchange.Context.TraceIdentifier,
                CreatedAt = exchange.ArrivedAt,
                ClosedAt = exchange.ArrivedAt,
            },
            isNotDefaultTarget: false));
    }
}
