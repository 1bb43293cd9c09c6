using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Docs;

/// <summary>Every name on a documentation page exists in the code, and every name that users need is on a page.</summary>
public sealed class PageNamesTests(ShippedEdge scene) : IClassFixture<ShippedEdge>
{
    private static readonly string[] WithTypes = ["docs/architecture.md", "docs/traps.md"];

    [Theory]
    [InlineData("settings", 150)]
    [InlineData("metrics", 60)]
    [InlineData("codes", 150)]
    [InlineData("headers", 100)]
    [InlineData("files", 300)]
    public async Task Names_on_pages_exist_and_every_name_is_on_a_page(string kind, int atLeast)
    {
        var names = await KindAsync(kind);

        Assert.True(Page.All.Sum(names.Count) > atLeast, $"The pages have only {Page.All.Sum(names.Count)} {kind}.");
        Assert.Empty(Page.All.SelectMany(names.Unknown));
        Assert.Empty(names.Missing(Page.All));
    }

    [Fact]
    public void Types_and_members_on_pages_for_developers_exist()
    {
        var pages = Page.All.Where(page => WithTypes.Contains(page.Name)).ToList();

        Assert.True(pages.Sum(NameKind.Types.Count) > 100);
        Assert.Empty(pages.SelectMany(NameKind.Types.Unknown));
    }

    [Theory]
    [InlineData("settings", "`Usage:Meterings`", "Usage:Meterings")]
    [InlineData("settings", "`Storge:Provider=Postgres`", "Storge:Provider")]
    [InlineData("settings", "```sh\nexport Admin__Tokens=x\n```", "Admin:Tokens")]
    [InlineData("metrics", "`cencori.edge.request`", "cencori.edge.request")]
    [InlineData("metrics", "`gen_ai.server.request.time`", "gen_ai.server.request.time")]
    [InlineData("codes", "`BUDGET_CAP_REACHED`", "BUDGET_CAP_REACHED")]
    [InlineData("codes", "409 `CONFLICTS`", "CONFLICTS")]
    [InlineData("codes", "| 409 | `CONFLICTS` |", "CONFLICTS")]
    [InlineData("codes", "```json\n{\"code\":\"RATE_LIMIT_REACHED\"}\n```", "RATE_LIMIT_REACHED")]
    [InlineData("headers", "`X-Cencori-Providers: openai`", "X-Cencori-Providers")]
    [InlineData("headers", "```sh\ncurl -H 'X-Request-Ids: a'\n```", "X-Request-Ids")]
    [InlineData("files", "`Cencori.Edge/Keys/NoKeys.cs`", "Cencori.Edge/Keys/NoKeys.cs")]
    [InlineData("files", "`yarps.json`", "yarps.json")]
    [InlineData("files", "```sh\nbench/runs --help\n```", "bench/runs")]
    [InlineData("types", "`NoSuchType`", "NoSuchType")]
    [InlineData("types", "`Page.NoSuchMember`", "Page.NoSuchMember")]
    [InlineData("types", "Tests: NoSuchTests, PageNamesTests.", "NoSuchTests")]
    public async Task A_name_that_does_not_exist_is_found(string kind, string text, string name) =>
        Assert.Equal([$"page.md: {name}"], (await KindAsync(kind)).Unknown(new Page("page.md", text)));

    [Theory]
    [InlineData("settings", "`Usage:Metering=false`, `Kestrel:Endpoints`, and Usage:Meterings outside of code")]
    [InlineData("codes", "429 `RATE_LIMIT_EXCEEDED`, `HTTPS_PROXY`, and 200 `OK`")]
    [InlineData("headers", "`X-RateLimit-…`, `x-cencori-provider`, `application/x-ndjson`")]
    [InlineData("files", "`bench/run --list`, `yarp.json`, [`bench/run`](../bench/run)")]
    [InlineData("types", "`Page<TModel>`, `ReassignProxyRequest(cluster)`, `ForwarderError.Request`")]
    public async Task A_name_that_exists_is_let_through(string kind, string text) => Assert.Empty((await KindAsync(kind)).Unknown(new Page("page.md", text)));

    [Theory]
    [InlineData("settings", "Usage:Metering")]
    [InlineData("metrics", "cencori.edge.requests")]
    [InlineData("codes", "OVERLOADED")]
    [InlineData("headers", "X-Cencori-Via")]
    public async Task A_name_on_no_page_is_found(string kind, string name)
    {
        var names = await KindAsync(kind);

        Assert.Contains(name, names.Missing([]), StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(name, names.Missing([new Page("page.md", $"`{name}`")]), StringComparer.OrdinalIgnoreCase);
    }

    private async Task<NameKind> KindAsync(string kind) => kind switch
    {
        "settings" => NameKind.Settings,
        "metrics" => NameKind.Instruments,
        "codes" => NameKind.ErrorCodes,
        "files" => NameKind.RepositoryFiles,
        "types" => NameKind.Types,
        _ => NameKind.Headers(await HeadersAsync()),
    };

    // The headers that CORS allows web pages to send and to read.
    private async Task<List<string>> HeadersAsync()
    {
        (string, string)[] headers = [("Origin", "https://example.com"), ("Access-Control-Request-Method", "GET")];
        using var preflight = await scene.Edge.SendAsync(null, HttpMethod.Options, "/v1/models", null, headers);
        using var error = await scene.Edge.SendAsync(null, HttpMethod.Get, "/v1/models", null, headers);
        return
        [
            .. preflight.Headers.GetValues("Access-Control-Allow-Headers").Concat(error.Headers.GetValues("Access-Control-Expose-Headers"))
                .SelectMany(list => list.Split(", ")).Where(name => name.StartsWith("x-", StringComparison.OrdinalIgnoreCase)),
        ];
    }
}
