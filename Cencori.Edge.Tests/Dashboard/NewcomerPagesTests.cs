using System.IO.Compression;
using System.Net;
using Cencori.Edge.Dashboard.Usage;
using Cencori.Edge.Metrics;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>What users experience who have not read the manual.</summary>
public sealed class NewcomerPagesTests(ShippedEdge shipped) : IClassFixture<ShippedEdge>
{
    [Theory]
    [InlineData("/", "text/html,application/xhtml+xml,*/*;q=0.8", 302)]
    [InlineData("/", "*/*", 404)]
    [InlineData("/", "application/json", 404)]
    [InlineData("/other", "text/html", 404)]
    public async Task The_root_redirects_browsers_to_the_dashboard_and_answers_programs_with_404(string path, string accept, int status)
    {
        using var client = new PageClient(shipped.Edge.Address);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        await client.SendAsync(request, follow: false);
        Assert.Equal(status, (int)client.Response.StatusCode);
        Assert.Equal(status == 302 ? "/dashboard" : null, client.Response.Headers.Location?.ToString());
    }

    [Fact]
    public async Task The_root_redirects_only_when_the_dashboard_is_enabled_and_at_its_own_address()
    {
        await using var edge = await RunningEdge.StartAsync(["Admin:Urls=http://127.0.0.1:0"]);
        Assert.Equal(404, await RootAsync(edge.Address));
        Assert.Equal(302, await RootAsync(new Uri(edge.Urls.Last())));
        await using var without = await RunningEdge.StartAsync(["Dashboard:Enabled=false"]);
        Assert.Equal(404, await RootAsync(without.Address));
    }

    [Fact]
    public async Task A_token_may_have_white_space_around_it_and_obvious_mistakes_are_not_counted()
    {
        await using var edge = await RunningEdge.StartAsync();
        using var client = new PageClient(edge.Address);
        for (var i = 0; i < 4; i++)
        {
            await client.GetAsync("/dashboard/sign-in");
            await client.SubmitAsync("/dashboard/sign-in", ("token", "  "));
            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            Assert.Contains("Enter the admin token.", client.Text, StringComparison.Ordinal);
            Assert.Contains("You are not signed in.", client.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("saved", client.Text, StringComparison.Ordinal);
            await client.SubmitAsync("/dashboard/sign-in", ("token", edge.Welcome.TestKey!));
            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            Assert.Contains("This is a project key", client.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(edge.Welcome.TestKey!, client.Html, StringComparison.Ordinal);
        }

        await client.SubmitAsync("/dashboard/sign-in", ("token", $"\t{RunningEdge.AdminToken} \n"));
        Assert.Equal("Projects", client.Title);
    }

    [Fact]
    public async Task Prices_without_a_model_are_not_ignored()
    {
        var project = await shipped.Edge.CreateProjectAsync();
        var slug = (string)(await shipped.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!;
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/prices");

        await client.SubmitAsync($"/dashboard/p/{slug}/prices", ("prices[1].provider", "openai"), ("prices[1].input", "3"), ("prices[1].output", "2,5"));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains("Row 2 has prices but no model.", client.Text, StringComparison.Ordinal);
        Assert.Equal("true", client.Document.GetElementById("prices[1].model")!.GetAttribute("aria-invalid"));
        Assert.Equal("3", client.Document.QuerySelector("[name='prices[1].input']")!.GetAttribute("value"));

        await client.SubmitAsync($"/dashboard/p/{slug}/prices", ("prices[1].model", "gpt-x"));
        Assert.Equal("true", client.Document.GetElementById("prices[1].output")!.GetAttribute("aria-invalid"));
        await client.SubmitAsync($"/dashboard/p/{slug}/prices", ("prices[1].output", "2.5"));
        Assert.Contains("Saved.", client.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_explain_own_providers_and_offer_the_OpenAPI_document()
    {
        var project = await shipped.Edge.CreateProjectAsync();
        var slug = (string)(await shipped.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!;
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/providers");
        Assert.Contains("To get a provider with its own name, ask the edge's operator", client.Text, StringComparison.Ordinal);

        await client.GetAsync("/dashboard/api");
        await client.GetAsync(client.Document.QuerySelector("main a[download]")!.GetAttribute("href")!);
        Assert.Equal("application/json", client.Response.Content.Headers.ContentType!.MediaType);
        using var api = await shipped.Edge.Admin.GetAsync("/api/openapi.json");
        Assert.Equal(await api.Content.ReadAsStringAsync(), client.Html);
    }

    [Theory]
    [InlineData("provider_test", "Provider test")]
    [InlineData("playground", "Playground")]
    [InlineData("key_gone", "A deleted key (key_gone)")]
    [InlineData("key_here", "here")]
    public void The_edges_own_requests_have_readable_names_in_place_of_a_key(string id, string name)
    {
        var names = new UsageNames(new Dictionary<string, string> { ["key_here"] = "here" }, new Dictionary<string, string>());
        Assert.Equal(name, names.Of(UsageGroup.Key, new UsageSeries(UsageSeriesKind.Named, id, new(), [])));
        Assert.Equal(id == "key_gone" ? id : name, names.Of("key", id));
    }

    [Theory]
    [InlineData("/usage?range=1h", "same-origin", true)]
    [InlineData("/logs", "none", true)]
    [InlineData("/logs", "cross-site", false)]
    [InlineData("/logs", "same-site", false)]
    [InlineData("/logs", null, false)]
    [InlineData("/keys/new", "same-origin", false)]
    public async Task Lists_are_compressed_except_for_requests_from_other_sites(string page, string? site, bool isCompressed)
    {
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard/p/default" + page) { Headers = { { "Accept-Encoding", "gzip, br" } } };
        request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", site);
        await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
        Assert.Equal(isCompressed, client.Response.Content.Headers.ContentEncoding.Contains("gzip"));
        if (isCompressed)
        {
            using var zip = new GZipStream(await client.Response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
            using var text = new StreamReader(zip);
            Assert.EndsWith("</html>", (await text.ReadToEndAsync()).TrimEnd(), StringComparison.Ordinal);
        }
    }

    private static async Task<int> RootAsync(Uri address)
    {
        using var client = new PageClient(address);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Accept", "text/html");
        await client.SendAsync(request, follow: false);
        return (int)client.Response.StatusCode;
    }
}
