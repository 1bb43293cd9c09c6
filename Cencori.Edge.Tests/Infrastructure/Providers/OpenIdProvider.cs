using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>An OpenID Connect provider over HTTP: discovery, keys, authorization code with PKCE. Every sign-in succeeds as <see cref="Person"/>.</summary>
public sealed class OpenIdProvider : IAsyncDisposable
{
    public const string ClientId = "edge";
    public const string ClientSecret = "a-client-secret-that-nobody-may-read";

    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, (string Challenge, string RedirectUri, string Nonce)> _codes = new();

    private OpenIdProvider(WebApplication app) => _app = app;

    /// <summary>Claims of the user who signs in.</summary>
    public Dictionary<string, object> Person { get; set; } = new() { ["sub"] = "subject-1" };

    /// <summary>OAuth error that is returned instead of a code. Null: none.</summary>
    public string? Refuses { get; set; }

    /// <summary>Fault of the id tokens: <c>nonce</c>, <c>signature</c>, <c>audience</c>. Null: none.</summary>
    public string? Fault { get; set; }

    /// <summary>True: the discovery document offers pushed authorization requests, but the provider refuses them all.</summary>
    public bool RefusesPushed { get; set; }

    /// <summary>All codes that it has issued and not redeemed.</summary>
    public ICollection<string> Codes => _codes.Keys;

    public Uri Address { get; private set; } = null!;

    public string[] Settings => [$"Dashboard:OpenIdConnect:Authority={Address}", $"Dashboard:OpenIdConnect:ClientId={ClientId}", $"Dashboard:OpenIdConnect:ClientSecret={ClientSecret}"];

    public static async Task<OpenIdProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var provider = new OpenIdProvider(app);
        app.MapGet("/.well-known/openid-configuration", provider.Discover);
        app.MapGet("/keys", provider.Keys);
        app.MapGet("/authorize", provider.Authorize);
        app.MapPost("/token", (Delegate)provider.TokenAsync);
        app.MapPost("/pushed", () => Results.Json(new { error = "invalid_request", error_description = "<b>the provider's own words</b>" }, statusCode: 400));
        await app.StartAsync();
        provider.Address = new Uri(app.Urls.First());
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private string Issuer => Address.ToString().TrimEnd('/');

    private IResult Discover()
    {
        var document = new Dictionary<string, object>
        {
            ["issuer"] = Issuer, ["authorization_endpoint"] = $"{Issuer}/authorize", ["token_endpoint"] = $"{Issuer}/token", ["jwks_uri"] = $"{Issuer}/keys",
            ["end_session_endpoint"] = $"{Issuer}/end", ["response_types_supported"] = new[] { "code" }, ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
        };
        if (RefusesPushed)
        {
            document["pushed_authorization_request_endpoint"] = $"{Issuer}/pushed";
        }

        return Results.Json(document);
    }

    private IResult Keys()
    {
        var key = _key.ExportParameters(includePrivateParameters: false);
        return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = "1", n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) } } });
    }

    private IResult Authorize(HttpContext context)
    {
        var query = context.Request.Query;
        var (redirect, state) = (query["redirect_uri"].ToString(), Uri.EscapeDataString(query["state"].ToString()));
        if (Refuses is not null)
        {
            return Results.Redirect($"{redirect}?error={Refuses}&error_description={Uri.EscapeDataString("<b>the provider's own words</b>")}&state={state}");
        }

        Assert.Equal(("code", "S256", ClientId), (query["response_type"].ToString(), query["code_challenge_method"].ToString(), query["client_id"].ToString()));
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _codes[code] = (query["code_challenge"].ToString(), redirect, query["nonce"].ToString());
        return Results.Redirect($"{redirect}?code={code}&state={state}");
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        return _codes.TryRemove(form["code"].ToString(), out var requested)
            && form["client_id"] == ClientId && form["client_secret"] == ClientSecret && form["redirect_uri"] == requested.RedirectUri
            && Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) == requested.Challenge
            ? Results.Json(new { access_token = "unused", token_type = "Bearer", id_token = IdToken(requested.Nonce) })
            : Results.Json(new { error = "invalid_grant" }, statusCode: 400);
    }

    private string IdToken(string nonce)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>(Person)
        {
            ["iss"] = Issuer, ["aud"] = Fault == "audience" ? "another" : ClientId, ["iat"] = now, ["exp"] = now + 300, ["nonce"] = Fault == "nonce" ? "another" : nonce,
        };
        var signed = $"{Base64UrlEncoder.Encode("""{"alg":"RS256","typ":"JWT","kid":"1"}""")}.{Base64UrlEncoder.Encode(JsonSerializer.Serialize(claims))}";
        var signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        signature[0] ^= Fault == "signature" ? (byte)1 : (byte)0;
        return $"{signed}.{Base64UrlEncoder.Encode(signature)}";
    }
}
