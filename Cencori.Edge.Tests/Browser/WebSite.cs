using System.Text;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Browser;

/// <summary>A web site under any host name: an empty page, a page without an origin, and below <c>/modules</c> the files that npm has installed.</summary>
internal sealed class WebSite : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebSite(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.First()).Port;

    public static async Task<WebSite> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var modules = Path.Combine(NodeFactAttribute.SourceDirectory(NodeScript.Directory), "node_modules");
        if (Directory.Exists(modules))
        {
            app.UseStaticFiles(new StaticFileOptions
            {
                RequestPath = "/modules",
                FileProvider = new PhysicalFileProvider(modules),
                ContentTypeProvider = new FileExtensionContentTypeProvider(new Dictionary<string, string> { [".mjs"] = "text/javascript" }),
            });
        }

        // This page has the origin "null".
        app.MapGet("/nowhere", (HttpContext context) =>
        {
            context.Response.Headers.ContentSecurityPolicy = "sandbox allow-scripts";
            return Results.Text("<!doctype html><html lang=en><link rel=icon href=data:,><title>A page of no origin</title>", "text/html", Encoding.UTF8);
        });
        app.MapGet("/", () => Results.Text("<!doctype html><html lang=en><link rel=icon href=data:,><title>A page</title>", "text/html", Encoding.UTF8));
        await app.StartAsync();
        return new WebSite(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
