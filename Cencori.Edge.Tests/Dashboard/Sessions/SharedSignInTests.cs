using Cencori.Edge.Tests.Admin;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Dashboard.Sessions;

/// <summary>Wrong tokens at two edges on one Redis, on pages and at the API. Uses its own edges, because one count covers all addresses.</summary>
public sealed class SharedSignInTests(SharedAdminTokenLockoutTests.Edges edges) : IClassFixture<SharedAdminTokenLockoutTests.Edges>
{
    [RedisFact]
    public async Task Wrong_tokens_count_together_over_pages_API_and_edges()
    {
        using var pages = new PageClient(edges.A.Address);
        for (var wrong = 0; wrong < 5; wrong++)
        {
            var edge = wrong % 2 == 0 ? edges.A : edges.B;
            Assert.Equal(401, wrong < 3 ? await SignInAsync(pages, edge, "203.0.113.7") : await SharedAdminTokenLockoutTests.AdministerAsync(edge, "not-the-admin-token", "203.0.113.7"));
        }

        foreach (var edge in (RunningEdge[])[edges.A, edges.B])
        {
            Assert.Equal(429, await SignInAsync(pages, edge, "203.0.113.7"));
            Assert.Equal(429, await SharedAdminTokenLockoutTests.AdministerAsync(edge, RunningEdge.AdminToken, "203.0.113.7"));
            Assert.Equal(401, await SignInAsync(pages, edge, "203.0.113.8"));
        }
    }

    private static async Task<int> SignInAsync(PageClient pages, RunningEdge edge, string address)
    {
        var page = await pages.GetAsync(new Uri(edge.Address, "/dashboard/sign-in").ToString());
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(edge.Address, "/dashboard/sign-in"))
        {
            Content = new FormUrlEncodedContent([new("form_token", page.QuerySelector("input[name=form_token]")!.GetAttribute("value")!), new("token", "not-the-admin-token")]),
        };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Headers.Add("X-Forwarded-For", address);
        await pages.SendAsync(request);
        return (int)pages.Response.StatusCode;
    }
}
