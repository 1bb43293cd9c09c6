using System.Net;
using Cencori.Edge.Dashboard.SignIn;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard.Sessions;

public sealed class SignInTests(ShippedEdge shipped) : IClassFixture<ShippedEdge>
{
    [Fact]
    public async Task Sign_in_returns_to_the_requested_page()
    {
        using var client = new PageClient(shipped.Edge.Address);
        await client.GetAsync("/dashboard/projects/new");
        Assert.Equal("Sign in", client.Title);

        await client.SubmitAsync("/dashboard/sign-in", ("token", RunningEdge.AdminToken));

        Assert.Equal("New project", client.Title);
        Assert.True(client.Cookies.GetCookies(shipped.Edge.Address)["edge"]!.HttpOnly);
    }

    [Fact]
    public async Task A_wrong_token_is_reported_and_not_echoed()
    {
        using var client = new PageClient(shipped.Edge.Address);
        await client.GetAsync("/dashboard/sign-in");

        await client.SubmitAsync("/dashboard/sign-in", ("token", "a-wrong-token-that-nobody-has"));

        Assert.Equal(HttpStatusCode.Unauthorized, client.Response.StatusCode);
        Assert.Contains("The admin token is not valid.", client.Text);
        Assert.DoesNotContain("a-wrong-token-that-nobody-has", client.Html);
    }

    [Fact]
    public async Task Wrong_tokens_on_the_page_and_at_the_API_count_together()
    {
        await using var edge = await RunningEdge.StartAsync();
        using var client = new PageClient(edge.Address);
        for (var wrong = 0; wrong < 5; wrong++)
        {
            if (wrong % 2 == 1)
            {
                using var refused = await edge.SendAsync("a-wrong-token-that-nobody-has", HttpMethod.Get, "/api/projects");
                Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
                continue;
            }

            await client.GetAsync("/dashboard/sign-in");
            await client.SubmitAsync("/dashboard/sign-in", ("token", "a-wrong-token-that-nobody-has"));
            Assert.Equal(HttpStatusCode.Unauthorized, client.Response.StatusCode);
        }

        await client.GetAsync("/dashboard/sign-in");
        await client.SubmitAsync("/dashboard/sign-in", ("token", RunningEdge.AdminToken));
        Assert.Equal(HttpStatusCode.TooManyRequests, client.Response.StatusCode);
        Assert.InRange(client.Response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        using var api = await edge.SendAsync(RunningEdge.AdminToken, HttpMethod.Get, "/api/projects");
        Assert.Equal(HttpStatusCode.TooManyRequests, api.StatusCode);
    }

    [Fact]
    public async Task A_form_without_its_token_or_from_another_site_changes_nothing()
    {
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.PostAsync("/dashboard/projects", ("name", "without a token"));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);

        var page = await client.GetAsync("/dashboard/projects/new");
        var token = page.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        foreach (var (header, value) in new[] { ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "http://elsewhere.example"), ("X-Nothing", "at all") })
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/dashboard/projects")
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["form_token"] = token, ["name"] = "from elsewhere" }),
            };
            request.Headers.Add(header, value);
            await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, client.Response.StatusCode);
        }

        await client.GetAsync("/dashboard");
        Assert.DoesNotContain("from elsewhere", client.Text);
        Assert.DoesNotContain("without a token", client.Text);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_not_only_the_cookie()
    {
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        var cookie = client.Cookies.GetCookies(shipped.Edge.Address)["edge"]!.Value;
        await client.SubmitAsync("/dashboard/sign-out");

        var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard");
        request.Headers.Add("Cookie", $"edge={cookie}");
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = shipped.Edge.Address };
        using var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
    }

    [Fact]
    public async Task A_bearer_token_opens_no_page_and_a_session_opens_no_API()
    {
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync("/api/projects");
        Assert.Equal(HttpStatusCode.Unauthorized, client.Response.StatusCode);

        using var response = await shipped.Edge.Admin.GetAsync("/dashboard");
        Assert.Contains("Admin token", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/dashboard/p/acme/logs?model=gpt-4o", true)]
    [InlineData("/dashboard", true)]
    [InlineData("//evil.example/dashboard", false)]
    [InlineData("/\\evil.example", false)]
    [InlineData("/dashboard/../../evil", false)]
    [InlineData("/dashboard/%2e%2e/evil", false)]
    [InlineData("/dashboard//evil.example", false)]
    [InlineData("/dashboard/%5cevil", false)]
    [InlineData("/dashboardx", false)]
    [InlineData("https://evil.example/dashboard", false)]
    [InlineData("/dashboard\t/x", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("", false)]
    public void Only_dashboard_pages_are_allowed_as_return_address(string requested, bool isOurs) => Assert.Equal(isOurs ? requested : "/dashboard", ReturnAddress.Of(requested));
}
