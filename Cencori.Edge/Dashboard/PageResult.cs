using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Renders a component to the response. A plain HTML renderer is enough: the framework's own result also supports circuits and streamed
/// rendering, which the dashboard does not use.
/// </summary>
internal sealed class PageResult(Type component, Dictionary<string, object?> parameters, int status) : IResult
{
    public async Task ExecuteAsync(HttpContext context)
    {
        var services = context.RequestServices;
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        using var html = new PageText();
        await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync(component, ParameterView.FromDictionary(parameters))).WriteHtmlTo(html));

        // Rendering has ended. The page gives its turn back before it is sent, because a browser may receive slowly.
        context.Features.Get<PageTurn>()?.Dispose();
        var response = context.Response;
        using var zipped = PageCompression.Apply(context, html);
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = zipped?.Length ?? html.Length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        if (zipped is null)
        {
            await html.MoveToAsync(response.BodyWriter, context.RequestAborted);
        }
        else
        {
            await response.BodyWriter.WriteAsync(zipped.GetBuffer().AsMemory(0, (int)zipped.Length), context.RequestAborted);
        }
    }
}
