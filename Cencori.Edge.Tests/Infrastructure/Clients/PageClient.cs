using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Infrastructure.Clients;

/// <summary>A browser without scripts and images: it keeps cookies, follows redirects and submits forms of the page.</summary>
public sealed class PageClient : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="edge">Base address; other edges can be addressed with absolute URLs.</param>
    public PageClient(Uri edge)
    {
        Cookies = new CookieContainer();
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = edge };
    }

    public CookieContainer Cookies { get; }

    /// <summary>The id of the signed-in user. Null: the test did not set it.</summary>
    public string? UserId { get; init; }

    /// <summary>The last response.</summary>
    public HttpResponseMessage Response { get; private set; } = null!;

    /// <summary>The body of the last response.</summary>
    public string Html { get; private set; } = "";

    /// <summary>The body of the last response as a parsed document.</summary>
    public IHtmlDocument Document { get; private set; } = null!;

    /// <summary>The text of the page without its navigation.</summary>
    public string Text => Document.QuerySelector("main")?.TextContent ?? "";

    public string Title => Document.QuerySelector("h1")?.TextContent.Trim() ?? "";

    /// <summary>A browser that is signed in with the admin token.</summary>
    public static async Task<PageClient> SignedInAsync(RunningEdge edge, string? token = null)
    {
        var client = new PageClient(edge.Address);
        await client.GetAsync("/dashboard/sign-in");
        await client.SubmitAsync("/dashboard/sign-in", ("token", token ?? RunningEdge.AdminToken));
        Assert.Equal("Projects", client.Title);
        return client;
    }

    public Task<IHtmlDocument> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>Submits the form of the page whose action begins with <paramref name="action"/>, with its fields overridden by <paramref name="values"/>.</summary>
    public Task<IHtmlDocument> SubmitAsync(string action, params (string Name, string Value)[] values)
    {
        var forms = Document.QuerySelectorAll<IHtmlFormElement>("form[method=post]");
        var form = forms.FirstOrDefault(form => form.GetAttribute("action") == action)
            ?? forms.FirstOrDefault(form => form.GetAttribute("action")!.StartsWith(action, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"The page '{Title}' has no form for {action}: {Html}");
        return PostAsync(form.GetAttribute("action")!, [.. FieldsOf(form).Where(field => values.All(value => value.Name != field.Name)), .. values]);
    }

    /// <summary>Posts exactly these values.</summary>
    public Task<IHtmlDocument> PostAsync(string path, params (string Name, string Value)[] values)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(values.Select(value => KeyValuePair.Create(value.Name, value.Value))) };
        request.Headers.Add("Origin", new Uri(_http.BaseAddress!, path).GetLeftPart(UriPartial.Authority));
        return SendAsync(request);
    }

    /// <summary>Sends any request.</summary>
    public async Task<IHtmlDocument> SendAsync(HttpRequestMessage request, bool follow = true)
    {
        Response = await _http.SendAsync(request);
        for (var hops = 0; follow && Response.StatusCode is HttpStatusCode.SeeOther or HttpStatusCode.Found; hops++)
        {
            Assert.True(hops < 5, "The pages redirect in a loop.");
            Response = await _http.GetAsync(new Uri(Response.RequestMessage!.RequestUri!, Response.Headers.Location!));
        }

        Html = await Response.Content.ReadAsStringAsync();
        Document = await new HtmlParser().ParseDocumentAsync(Html);
        return Document;
    }

    public void Dispose() => _http.Dispose();

    private static IEnumerable<(string Name, string Value)> FieldsOf(IHtmlFormElement form)
    {
        foreach (var element in form.Elements)
        {
            switch (element)
            {
                case IHtmlInputElement { Type: "checkbox" or "radio", IsChecked: false } or IHtmlButtonElement or IHtmlInputElement { Name: null or "" }:
                    continue;
                case IHtmlInputElement input:
                    yield return (input.Name!, input.Value);
                    break;
                case IHtmlSelectElement { Name: { } name } select:
                    foreach (var option in select.SelectedOptions)
                    {
                        yield return (name, option.Value);
                    }

                    break;
                case IHtmlTextAreaElement { Name: { } name } area:
                    yield return (name, area.Value);
                    break;
            }
        }
    }
}
