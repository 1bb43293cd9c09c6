using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>
/// Requires the admin token for the administration API. A wrong token is counted even if the request has other credentials too; see
/// <see cref="TokenSignIn"/>.
/// </summary>
internal sealed class AdminAuthenticationMiddleware(RequestDelegate next, TokenSignIn signIn, StorageFailureHandler failures)
{
    private static readonly EdgeError TokenRequired = new(ErrorKind.InvalidApiKey, "The admin token is required, as 'Authorization: Bearer <token>'.");

    private static readonly EdgeError ProjectKeysDoNotAdminister = EdgeError.Forbidden("A project key cannot be used for administration. Send the admin token.", Reasons.KeyType);

    public Task InvokeAsync(HttpContext context) => Exchange.Of(context).Endpoint.Operation == Operation.Administration ? AuthenticateAsync(context) : next(context);

    private async Task AuthenticateAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var address = context.Connection.RemoteIpAddress;
        var refusal = signIn.Refusal(address)
            ?? (ShowsToken(context.Request.Headers, out var token) ? await signIn.TryAsync(token, address)
                : ShowsProjectKey(context.Request.Headers) ? ProjectKeysDoNotAdminister
                : TokenRequired);
        if (refusal is not null)
        {
            await context.Refuse(refusal);
            return;
        }

        context.Features.Set(new Administrator());
        await AdministerAsync(context);
    }

    // True if the request has a bearer token that is not a project key. With several Authorization headers, token is null: no token is accepted, and the
    // request is counted as one with a wrong token.
    private static bool ShowsToken(IHeaderDictionary headers, out string? token)
    {
        token = null;
        foreach (var value in headers.Authorization)
        {
            var presented = PresentedKey.Bearer(value);
            if (!presented.IsEmpty && !ProjectKey.IsWellFormed(presented))
            {
                token = headers.Authorization.Count == 1 ? presented.ToString() : null;
                return true;
            }
        }

        return false;
    }

    private static bool ShowsProjectKey(IHeaderDictionary headers) =>
        headers.ContainsKey(PresentedKey.HeaderName) || headers.Authorization.Any(value => !PresentedKey.Bearer(value).IsEmpty);

    private async Task AdministerAsync(HttpContext context)
    {
        // Refuses null characters in the query, because databases reject them in texts.
        if (context.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true)
        {
            await context.Refuse(EdgeError.Invalid("The query must not have a null character.", context.Request.Query.FirstOrDefault(one => one.Value.Any(value => value?.Contains('\0') == true)).Key));
            return;
        }

        await failures.GuardAsync(context, async () =>
        {
            await next(context);
            return true;
        });
    }
}

/// <summary>Marker feature of a request. Its presence proves that the request has the admin token.</summary>
public sealed class Administrator;
