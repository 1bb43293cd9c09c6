using System.Net;
using AngleSharp.Html.Parser;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard.Sessions;

/// <summary>Attacks on the sign-in that do not belong to a single route.</summary>
public sealed class AttackTests(ShippedEdge shipped) : IClassFixture<ShippedEdge>
{
    private readonly RunningEdge _edge = shipped.Edge;

    [Fact]
    public async Task Signing_in_never_uses_a_session_chosen_by_somebody_else()
    {
        var planted = new string('a', 64);
        using var victim = new PageClient(_edge.Address);
        victim.Cookies.Add(_edge.Address, new Cookie("edge", planted));
        await victim.GetAsync("/dashboard/sign-in");
        await victim.SubmitAsync("/dashboard/sign-in", ("token", RunningEdge.AdminToken));
        Assert.Equal("Projects", victim.Title);
        var first = victim.Cookies.GetCookies(_edge.Address)["edge"]!.Value;
        Assert.NotEqual(planted, first);

        // Signing in again ends the earlier session.
        var page = await victim.GetAsync("/dashboard");
        var token = page.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        await victim.PostAsync("/dashboard/sign-in", ("form_token", token), ("token", RunningEdge.AdminToken));
        foreach (var cookie in (string[])[planted, first])
        {
            using var attacker = new PageClient(_edge.Address);
            attacker.Cookies.Add(_edge.Address, new Cookie("edge", cookie));
            await attacker.GetAsync("/dashboard");
            Assert.Equal("Sign in", attacker.Title);
        }
    }

    [Theory]
    [InlineData("//evil.example/dashboard")]
    [InlineData("https://evil.example/dashboard")]
    [InlineData("/\\evil.example")]
    [InlineData("/dashboard/%2e%2e/%2e%2e//evil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task A_sign_in_link_never_redirects_to_another_site(string target)
    {
        using var client = new PageClient(_edge.Address);
        await client.GetAsync("/dashboard/sign-in?return_to=" + Uri.EscapeDataString(target));
        Assert.Equal("/dashboard", client.Document.QuerySelector("input[name=return_to]")!.GetAttribute("value"));
        await client.SubmitAsync("/dashboard/sign-in", ("token", RunningEdge.AdminToken), ("return_to", target));
        Assert.Equal("/dashboard", client.Response.RequestMessage!.RequestUri!.AbsolutePath);
        await client.GetAsync("/dashboard/sign-in?return_to=" + Uri.EscapeDataString(target));
        Assert.Equal("/dashboard", client.Response.RequestMessage!.RequestUri!.AbsolutePath);
    }

    [Fact]
    public async Task DNS_rebinding_opens_no_page()
    {
        await using var edge = await RunningEdge.StartAsync(["Dashboard:PublicUrl=https://edge.example.com"]);
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = edge.Address };
        foreach (var (host, isOurs) in new[] { ("edge.example.com", true), ("EDGE.example.com:443", true), ("localhost:1", true), ("127.0.0.1", true), ("[::1]:80", true), ("rebound.evil.example", false), ("localhost.evil.example", false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard/sign-in") { Headers = { Host = host } };
            using var response = await http.SendAsync(request);
            Assert.Equal(isOurs ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest, response.StatusCode);
            Assert.Equal(isOurs, (await response.Content.ReadAsStringAsync()).Contains("Admin token", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Behind_a_load_balancer_that_ends_TLS_the_cookie_is_secure()
    {
        await using var edge = await RunningEdge.StartAsync(["Dashboard:PublicUrl=https://edge.example.com"]);
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = edge.Address };
        using var shown = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/dashboard/sign-in") { Headers = { Host = "edge.example.com" } });
        var html = await new HtmlParser().ParseDocumentAsync(await shown.Content.ReadAsStringAsync());
        var request = new HttpRequestMessage(HttpMethod.Post, "/dashboard/sign-in")
        {
            Headers = { Host = "edge.example.com" },
            Content = new FormUrlEncodedContent([new("form_token", html.QuerySelector("input[name=form_token]")!.GetAttribute("value")!), new("token", RunningEdge.AdminToken)]),
        };
        request.Headers.Add("Origin", "https://edge.example.com");
        request.Headers.Add("Cookie", shown.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        var cookie = response.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("__Host-edge=", StringComparison.Ordinal));
        Assert.All((string[])["secure", "httponly", "samesite=lax", "path=/"], part => Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("domain", cookie, StringComparison.OrdinalIgnoreCase);
    }
}
