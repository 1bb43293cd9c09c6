using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>
/// Lets nobody to the administration API without the administrator's token. A wrong one counts first, whatever else the request shows; see
/// <see cref="TokenSignIn"/>.
/// </summary>
internal sealed class AdminAuthenticationMiddleware(RequestDelegate next, TokenSignIn signIn, StorageFailureHandler failures)
{
    private static readonly EdgeError TokenRequired = new(ErrorKind.InvalidApiKey, "The admin token is required, as 'Authorization: Bearer <token>'.");

    private static readonly EdgeError ProjectKeysDoNotAdminister = EdgeError.Forbidden("A project key may not administer. Send the admin token.", Reasons.KeyType);

    public Task InvokeAsync(HttpContext context) => Exchange.Of(context).Endpoint.Operation == Operation.Administration ? AuthenticateAsync(context) : next(context);

    private async Task AuthenticateAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var address = context.Connection.RemoteIpAddress;
        var refusal = signIn.Closed(address)
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

    // Of several tokens none is taken for the right one, and each that is wrong was a guess.
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
        // A text with it can be kept by no database, and asked for in none.
        if (context.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true)
        {
            await context.Refuse(EdgeError.Invalid("The query has a null character.", context.Request.Query.FirstOrDefault(one => one.Value.Any(value => value?.Contains('\0') == true)).Key));
            return;
        }

        await failures.GuardAsync(context, async () =>
        {
            await next(context);
            return true;
        });
    }
}

/// <summary>Its presence on the request is the proof that the administrator's token was shown.</summary>
public sealed class Administrator;
