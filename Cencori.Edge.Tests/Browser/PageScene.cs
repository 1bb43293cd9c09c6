using System.Text.Json;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

/// <summary>A browser, a web site and an edge that the browser tests share, one test at a time.</summary>
[CollectionDefinition(nameof(PageScene))]
public sealed class PageScene : RespondingEdge, ICollectionFixture<PageScene>
{
    private static readonly string[] Domains = ["*.example.com", "localhost", "bücher.example"];

    private const string Fetch = """
        async ({ url, method, headers, body }) => {
            try {
                const answer = await fetch(url, { method, headers, body });
                return JSON.stringify({ status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() });
            } catch (failure) {
                return JSON.stringify({ failure: failure.name });
            }
        }
        """;

    private WebSite? _site;

    /// <summary>A publishable key of <see cref="ScriptedEdge.ProjectId"/>, for pages of <c>example.com</c> and a few other domains.</summary>
    public string PageKey { get; private set; } = "";

    /// <summary>The edge's URL, with a host name different from all pages.</summary>
    public string EdgeUrl => $"http://edge.example:{Edge.Address.Port}";

    public override async Task InitializeAsync()
    {
        if (ChromiumFactAttribute.Missing is null)
        {
            await Chromium.StartedAsync();
            await base.InitializeAsync();
            await Edge.SetLimitsAsync(ProjectId, new { requests_per_minute = 6_000, tokens_per_minute = 1_000_000 });
            PageKey = await CreatePageKeyAsync(ProjectId);
            _site = await WebSite.StartAsync();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_site is not null)
        {
            await _site.DisposeAsync();
            await base.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    public Task<string> CreatePageKeyAsync(string projectId, string environment = "production") =>
        Edge.CreateKeyAsync(projectId, "publishable", environment, new { allowed_domains = Domains });

    /// <summary>Opens a page of the site under this host name; null: a page with the origin "null".</summary>
    public async Task<IPage> OpenAsync(string? host)
    {
        var page = await (await Chromium.NewContextAsync(new())).NewPageAsync();
        await page.GotoAsync(host is null ? $"http://app.example.com:{_site!.Port}/nowhere" : $"http://{host}:{_site!.Port}/");
        return page;
    }

    /// <summary>Sends a request from a page, and returns the parts of the response that the page can read.</summary>
    public async Task<PageResponse> FetchAsync(IPage page, string path, string key, string? body = null, string method = "POST", string header = "Authorization")
    {
        var headers = new Dictionary<string, string> { [header] = header == "Authorization" ? "Bearer " + key : key };
        if (body is not null)
        {
            headers["Content-Type"] = "application/json";
        }

        var response = await page.EvaluateAsync<string>(Fetch, new { url = EdgeUrl + path, method, headers, body });
        return JsonSerializer.Deserialize<PageResponse>(response, JsonSerializerOptions.Web)!;
    }
}

/// <param name="Status">0: the page may not read the response.</param>
/// <param name="Headers">The headers that the page may read, in lower case.</param>
/// <param name="Text">The body.</param>
/// <param name="Failure">The error of <c>fetch</c>; null: none.</param>
public sealed record PageResponse(int Status, Dictionary<string, string>? Headers, string? Text, string? Failure)
{
    public JsonElement Json => JsonDocument.Parse(Text!).RootElement;
}
