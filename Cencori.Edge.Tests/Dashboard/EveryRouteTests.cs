using System.Net;
using Cencori.Edge.Dashboard;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>
/// Calls every route of the pages as every kind of caller. New routes are tested automatically; a route with an unknown parameter fails
/// the tests.
/// </summary>
public sealed class EveryRouteTests(EveryRouteTests.Scene scene) : IClassFixture<EveryRouteTests.Scene>
{
    private readonly RunningEdge _edge = scene.Edge;

    private IEnumerable<(RouteEndpoint Route, string Path, bool IsGet, PageAccess? Access)> All => FilledProject.Routes(_edge).Select(route =>
        (route, scene.Own.PathOf(route) ?? throw new InvalidOperationException($"{FilledProject.PatternOf(route)} has a parameter without a value in FilledProject."),
            FilledProject.MethodOf(route) == "GET", route.Metadata.GetMetadata<PageAccess>()));

    [Fact]
    public void Every_route_that_changes_data_declares_its_access() => Assert.Empty(All.Where(one => !one.IsGet && one.Access is null).Select(one => one.Path));

    [Fact]
    public void Only_these_routes_are_public() => Assert.Equal(
        ["/dashboard/assets/{hash}/{name}", "/dashboard/no-access", "/dashboard/sign-in", "/dashboard/sign-in", "/dashboard/sign-in/openid", "/dashboard/sign-in/openid/callback", "/dashboard/signed-out"],
        All.Where(one => one.Access?.Role is null && one.Access is not null).Select(one => FilledProject.PatternOf(one.Route)).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Without_a_session_nothing_is_visible_even_with_the_admin_token()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = _edge.Address };
        foreach (var (_, path, isGet, _) in All.Where(one => one.Access?.Role is not null || one.Access is null))
        {
            foreach (var authorization in (string?[])[null, $"Bearer {RunningEdge.AdminToken}", $"Bearer {scene.Key}"])
            {
                using var request = new HttpRequestMessage(isGet ? HttpMethod.Get : HttpMethod.Post, path);
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
                request.Content = isGet ? null : new FormUrlEncodedContent([]);
                using var response = await http.SendAsync(request);
                Assert.True(isGet ? response.StatusCode == HttpStatusCode.Found && response.Headers.Location!.ToString().StartsWith("/dashboard/sign-in?", StringComparison.Ordinal) : response.StatusCode == HttpStatusCode.Unauthorized,
                    $"{request.Method} {path}: {response.StatusCode}");
                AssertHeaders(response);
            }
        }
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Each page and form of a project is tried in two roles.")]
    public async Task Projects_of_others_do_not_exist_for_any_role()
    {
        foreach (var role in (UserRole[])[UserRole.Viewer, UserRole.Member])
        {
            using var client = await _edge.SignedInAsync(role, scene.Other.Id);
            var token = await TokenAsync(client);
            foreach (var (_, path, isGet, _) in All.Where(one => FilledProject.PatternOf(one.Route).Contains("{slug}", StringComparison.Ordinal)))
            {
                await SendAsync(client, path, isGet, token);
                Assert.True(client.Response.StatusCode == HttpStatusCode.NotFound, $"{role} {path}: {client.Response.StatusCode}");
                Assert.DoesNotContain(scene.Own.Id, client.Html);
            }
        }
    }

    [Fact]
    public async Task Ids_of_one_project_do_not_exist_in_another()
    {
        using var client = await _edge.SignedInAsync(UserRole.Owner);
        var token = await TokenAsync(client);
        foreach (var (route, _, isGet, _) in All)
        {
            var pattern = FilledProject.PatternOf(route);
            if (pattern.Contains("{slug}", StringComparison.Ordinal) && pattern.Count('{') > 1)
            {
                await SendAsync(client, scene.Own.PathOf(route, scene.Other.Slug)!, isGet, token);

                // Request ids are free text, so that page says that the request was not found.
                Assert.True(client.Response.StatusCode is HttpStatusCode.NotFound || (!isGet && client.Response.StatusCode is HttpStatusCode.BadRequest), $"{pattern}: {client.Response.StatusCode} {client.Text}");
            }
        }
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Every role calls every route.")]
    public async Task A_role_may_do_what_the_route_says_and_nothing_more()
    {
        foreach (var role in Enum.GetValues<UserRole>())
        {
            using var client = await _edge.SignedInAsync(role, scene.Own.Id);
            var token = await TokenAsync(client);
            foreach (var (_, path, isGet, access) in All)
            {
                var min = access is null ? UserRole.Viewer : access.Role;
                if (min > role)
                {
                    await SendAsync(client, path, isGet, token);
                    Assert.True(client.Response.StatusCode == HttpStatusCode.Forbidden, $"{role} {path}: {client.Response.StatusCode}");
                }
                else if (isGet && !path.Contains("openid", StringComparison.Ordinal) && !path.Contains("/assets/", StringComparison.Ordinal))
                {
                    await client.GetAsync(path);
                    Assert.True(client.Response.IsSuccessStatusCode, $"{role} {path}: {client.Response.StatusCode} {client.Text}");
                }

                AssertHeaders(client.Response);
            }
        }
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Every form is sent several times.")]
    public async Task Forms_need_both_proofs_against_cross_site_requests()
    {
        using var client = await _edge.SignedInAsync(UserRole.Owner);
        using var other = await _edge.SignedInAsync(UserRole.Owner);
        var (token, foreign) = (await TokenAsync(client), await TokenAsync(other));
        foreach (var (_, path, _, _) in All.Where(one => !one.IsGet))
        {
            foreach (var (header, value, sent) in ((string, string, string?)[])
                [
                    ("Sec-Fetch-Site", "same-origin", null), ("Sec-Fetch-Site", "same-origin", foreign), ("Sec-Fetch-Site", "same-site", token), ("Sec-Fetch-Site", "cross-site", token),
                    ("Origin", "https://elsewhere.example", token), ("Origin", "null", token), ("X-Nothing", "x", token),
                ])
            {
                var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(sent is null ? [] : [KeyValuePair.Create("form_token", sent)]) };
                request.Headers.Add(header, value);
                await client.SendAsync(request, follow: false);
                Assert.True(client.Response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest, $"{path} with {header}: {value}: {client.Response.StatusCode}");
                Assert.Equal(header == "Sec-Fetch-Site" && value == "same-origin", client.Response.StatusCode == HttpStatusCode.BadRequest);
            }
        }
    }

    [Fact]
    public async Task No_route_of_the_API_accepts_a_session()
    {
        using var client = await PageClient.SignedInAsync(_edge);
        foreach (var route in _edge.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var pattern = FilledProject.PatternOf(route);
            if (pattern.StartsWith("/api/", StringComparison.Ordinal) && route.Metadata.GetMetadata<HttpMethodMetadata>() is { HttpMethods: [var method] })
            {
                var path = System.Text.RegularExpressions.Regex.Replace(pattern, @"\{[^}]*\}", "x");
                await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), follow: false);
                Assert.True(client.Response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.NotFound, $"{method} {path}: {client.Response.StatusCode}");
                Assert.DoesNotContain(scene.Own.Slug, client.Html);
            }
        }
    }

    [Fact]
    public async Task Errors_and_redirects_have_every_header_too()
    {
        using var client = await PageClient.SignedInAsync(_edge);
        foreach (var (method, path) in new[] { ("GET", "/dashboard/nothing"), ("GET", "/dashboard/sign-in"), ("PUT", "/dashboard/projects"), ("GET", "/dashboard/p/nothing"), ("HEAD", "/dashboard"), ("POST", "/dashboard/projects") })
        {
            await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), follow: false);
            AssertHeaders(client.Response);
        }
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Each page is opened.")]
    public async Task No_page_shows_secrets_and_hostile_text_stays_text()
    {
        using var client = await PageClient.SignedInAsync(_edge);
        foreach (var (route, path, isGet, _) in All.Where(one => one.IsGet && !one.Path.Contains("openid", StringComparison.Ordinal)))
        {
            await client.GetAsync(path);

            // The form that edits the webhook shows its full address, as the API does. Viewers have no such field.
            client.Document.QuerySelector("input[name=webhook_url], input[name='webhook.url']")?.Remove();
            Assert.All(
                (string[])[RunningEdge.AdminToken, RunningEdge.ProviderKey, "secret-path-of-webhook", "whsec-that-no-page-shows", scene.Key],
                secret => Assert.DoesNotContain(secret, client.Document.DocumentElement.OuterHtml));
            if (client.Response.Content.Headers.ContentType?.MediaType != "text/html")
            {
                continue;
            }

            Assert.True(client.Document.QuerySelector("img:not([src^='/dashboard/assets/']), [onerror], script:not([src]), [style], iframe, object, base") is null, $"{path}: {client.Document.QuerySelector("img:not([src^='/dashboard/assets/']), [onerror], script:not([src]), [style]")?.OuterHtml}");
            foreach (var field in client.Document.QuerySelectorAll("textarea"))
            {
                // Form fields contain the raw text.
                field.Remove();
            }

            Assert.False(client.Document.Body!.TextContent.Contains('\u202e', StringComparison.Ordinal), $"{path} contains a character that reverses text");
            Assert.All(client.Document.QuerySelectorAll("a[href], form[action]").Select(one => one.GetAttribute("href") ?? one.GetAttribute("action")!),
                link => Assert.True(link.StartsWith('/') && !link.StartsWith("//", StringComparison.Ordinal) || link.StartsWith('#') || link.StartsWith('?') || link.StartsWith("http", StringComparison.Ordinal), $"{path}: {link}"));
        }
    }

    private static void AssertHeaders(HttpResponseMessage response)
    {
        string Of(string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : "";
        Assert.Equal(("DENY", "nosniff", "same-origin", "same-origin", "same-origin"),
            (Of("X-Frame-Options"), Of("X-Content-Type-Options"), Of("Referrer-Policy"), Of("Cross-Origin-Opener-Policy"), Of("Cross-Origin-Resource-Policy")));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", Of("Content-Security-Policy"));
        Assert.Contains("frame-ancestors 'none'", Of("Content-Security-Policy"));
        Assert.Contains("form-action 'self'", Of("Content-Security-Policy"));
        Assert.True(Of("Cache-Control").Contains("no-store", StringComparison.Ordinal) || response.RequestMessage!.RequestUri!.AbsolutePath.Contains("/assets/", StringComparison.Ordinal), response.RequestMessage!.RequestUri!.ToString());
    }

    private static async Task<string> TokenAsync(PageClient client) => (await client.GetAsync("/dashboard")).QuerySelector("input[name=form_token]")!.GetAttribute("value")!;

    private static Task SendAsync(PageClient client, string path, bool isGet, string token) => isGet ? client.GetAsync(path) : client.PostAsync(path, ("form_token", token));

    public sealed class Scene : RespondingEdge
    {
        /// <summary>A project with hostile text in every field.</summary>
        public FilledProject Own { get; private set; } = null!;

        public FilledProject Other { get; private set; } = null!;

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            Own = await FilledProject.CreateAsync(Edge, "\"><img src=x onerror=alert(1)>{{total}}\u202e</script><script>alert(2)</script>" + new string('x', 10_000), Provider);
            Other = await FilledProject.CreateAsync(Edge, "harmless", Provider);
        }
    }
}
