using System.Net;
using Cencori.Edge.Dashboard.Account;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard.Sessions;

public sealed class AccountTests(ShippedEdge shipped) : IClassFixture<ShippedEdge>
{
    [Fact]
    public async Task Sessions_are_listed_and_ended_one_by_one_and_all_others_at_once()
    {
        using var here = await PageClient.SignedInAsync(shipped.Edge);
        using var existing = await PageClient.SignedInAsync(shipped.Edge);
        using var elsewhere = await PageClient.SignedInAsync(shipped.Edge);
        await here.GetAsync("/dashboard/account");
        Assert.Single(here.Document.QuerySelectorAll("tbody .badge.good"));
        Assert.True(here.Document.QuerySelectorAll("tbody tr").Length >= 3);
        Assert.Contains("127.0.0.1", here.Text);

        await existing.GetAsync("/dashboard/account");
        var other = existing.Document.QuerySelectorAll("tbody tr").First(row => row.QuerySelector(".badge.good") is not null).QuerySelector("input[name=session]")!.GetAttribute("value")!;
        await here.SubmitAsync("/dashboard/account/sessions/end-one", ("session", other));
        Assert.Contains("The session has ended.", here.Text);
        await existing.GetAsync("/dashboard/account");
        Assert.Equal("Sign in", existing.Title);

        await here.SubmitAsync("/dashboard/account/sessions/end-one", ("session", other));
        Assert.Equal(HttpStatusCode.NotFound, here.Response.StatusCode);

        await here.GetAsync("/dashboard/account");
        await here.SubmitAsync("/dashboard/account/sessions/end-others");
        Assert.Single(here.Document.QuerySelectorAll("tbody tr"));
        await elsewhere.GetAsync("/dashboard");
        Assert.Equal("Sign in", elsewhere.Title);

        await here.SubmitAsync("/dashboard/account/sessions/end-one");
        Assert.Equal("Sign in", here.Title);
    }

    [Fact]
    public async Task Shortcuts_are_switched_off_and_on()
    {
        using var client = await PageClient.SignedInAsync(shipped.Edge);
        Assert.True(client.Document.DocumentElement.HasAttribute("data-shortcuts"));
        await client.GetAsync("/dashboard/account");
        await client.SubmitAsync("/dashboard/account/preferences", ("theme", "dark"), ("shortcuts", "off"));
        Assert.False(client.Document.DocumentElement.HasAttribute("data-shortcuts"));
        Assert.Equal("dark", client.Document.DocumentElement.GetAttribute("data-theme"));

        await client.SubmitAsync("/dashboard/account/preferences", ("theme", "nonsense"), ("shortcuts", "on"));
        Assert.True(client.Document.DocumentElement.HasAttribute("data-shortcuts"));
        Assert.Equal("system", client.Document.DocumentElement.GetAttribute("data-theme"));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Chrome on Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on macOS")]
    [InlineData("curl/8.5.0", "curl")]
    [InlineData("\"><img src=x onerror=alert(1)>", "Another program")]
    [InlineData(null, "Another program")]
    public void Browser_names_are_readable(string? userAgent, string name) => Assert.Equal(name, BrowserName.Of(userAgent));
}
