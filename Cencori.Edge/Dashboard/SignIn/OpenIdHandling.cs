using System.Security.Claims;
using Cencori.Edge.Admin.People;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>
/// Configures the framework's OpenID Connect handler: code flow with PKCE, and the response in the query, because a form post from another site would come
/// without this site's cookies. The handler signs nobody in: it leaves its result on the request as an <see cref="OpenIdOutcome"/>.
/// </summary>
internal sealed class OpenIdHandling(IOptions<OpenIdSettings> settings, IOptions<DashboardOptions> dashboard, TimeProvider time) : IConfigureNamedOptions<OpenIdConnectOptions>
{
    public const string Scheme = "openid";
    public const string CallbackPath = DashboardOptions.Path + "/sign-in/openid/callback";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public void Configure(OpenIdConnectOptions options) => Configure(Scheme, options);

    public void Configure(string? name, OpenIdConnectOptions options)
    {
        var own = settings.Value;
        options.Authority = own.Authority;
        options.RequireHttpsMetadata = own.Authority?.StartsWith("http:", StringComparison.OrdinalIgnoreCase) != true;
        options.ClientId = own.ClientId;
        options.ClientSecret = own.ClientSecret;
        options.CallbackPath = CallbackPath;
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.SaveTokens = false;
        options.MapInboundClaims = false;
        options.GetClaimsFromUserInfoEndpoint = own.UserInfo;
        options.DisableTelemetry = true;
        options.PushedAuthorizationBehavior = own.PushedAuthorization ? PushedAuthorizationBehavior.UseIfAvailable : PushedAuthorizationBehavior.Disable;
        options.BackchannelTimeout = Timeout;
        options.TimeProvider = time;
        options.Scope.Clear();
        foreach (var scope in own.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            options.Scope.Add(scope);
        }

        options.ClaimActions.Clear();
        foreach (var claim in (string?[])["name", "preferred_username", "email", "email_verified", own.RoleClaim])
        {
            if (!string.IsNullOrEmpty(claim))
            {
                options.ClaimActions.MapJsonKey(claim, claim);
            }
        }

        foreach (var cookie in (CookieBuilder[])[options.CorrelationCookie, options.NonceCookie])
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.IsEssential = true;
        }

        options.CorrelationCookie.Name = "edge-openid.";
        options.NonceCookie.Name = "edge-openid-nonce.";
        options.Events = Events();
    }

    private OpenIdConnectEvents Events() => new()
    {
        OnRedirectToIdentityProvider = context =>
        {
            // Behind a load balancer that ends TLS, the request does not show the public URL, so the redirect URL is made from the setting.
            if (dashboard.Value.PublicUrl is { Length: > 0 } address)
            {
                context.ProtocolMessage.RedirectUri = address.TrimEnd('/') + CallbackPath;
            }

            return Task.CompletedTask;
        },
        OnTicketReceived = context =>
        {
            context.HttpContext.Features.Set(new OpenIdOutcome(PersonOf(context.Principal!, settings.Value), context.ReturnUri, null));
            context.HandleResponse();
            return Task.CompletedTask;
        },
        OnAccessDenied = context =>
        {
            context.HttpContext.Features.Set(new OpenIdOutcome(null, null, "access_denied"));
            context.HandleResponse();
            return Task.CompletedTask;
        },
        OnRemoteFailure = context =>
        {
            context.HttpContext.Features.Set(new OpenIdOutcome(null, context.Properties?.RedirectUri, FaultOf(context.Failure), context.Failure));
            context.HandleResponse();
            return Task.CompletedTask;
        },
    };

    // Maps an exception to one word for messages and the log. The result never contains text of the provider.
    internal static string FaultOf(Exception? failure) => failure switch
    {
        null => "unknown",
        _ when failure.GetBaseException() is HttpRequestException or OperationCanceledException or IOException or System.Net.Sockets.SocketException => "provider_away",
        AuthenticationFailureException => "answer_refused",
        OpenIdConnectProtocolException => "provider_refused",
        _ => failure.GetType().Name,
    };

    private static Person PersonOf(ClaimsPrincipal principal, OpenIdSettings settings)
    {
        var email = principal.FindFirstValue("email");
        var isVerified = string.Equals(principal.FindFirstValue("email_verified"), "true", StringComparison.OrdinalIgnoreCase);
        var subject = principal.FindFirstValue("sub") ?? throw new AuthenticationFailureException("The id token has no subject.");
        return new(principal.FindFirstValue("iss") ?? settings.Authority!, subject)
        {
            Name = principal.FindFirstValue("name") ?? principal.FindFirstValue("preferred_username"),
            Email = email,
            IsEmailVerified = isVerified,
            IsNamedOwner = (settings.Owners ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Any(owner =>
                owner == subject || (isVerified && string.Equals(owner, email, StringComparison.OrdinalIgnoreCase))),
            HasRoleOfProvider = !string.IsNullOrEmpty(settings.RoleClaim),
            Role = string.IsNullOrEmpty(settings.RoleClaim) ? null : OpenIdRoles.Highest(principal.FindAll(settings.RoleClaim).Select(claim => claim.Value), settings.RolePrefix),
        };
    }
}

/// <summary>The result of a sign-in with the OpenID provider.</summary>
/// <param name="Person">The person; null: the sign-in failed.</param>
/// <param name="ReturnTo">The page to open after the sign-in.</param>
/// <param name="Fault">The reason for the failure, as one word; null: success.</param>
/// <param name="Failure">The exception of the failure; null: success.</param>
internal sealed record OpenIdOutcome(Person? Person, string? ReturnTo, string? Fault, Exception? Failure = null);
