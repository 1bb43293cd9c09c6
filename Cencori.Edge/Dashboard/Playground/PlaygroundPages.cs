using System.Text.Json;
using Cencori.Edge.Admin;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Logs.Requests;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>The pages of the playground: send requests to models with the project's credentials, and show a request as code.</summary>
internal static class PlaygroundPages
{
    private const string EventStream = "text/event-stream";

    // Without scripts, the browser shows the response as a page. This is the maximum size of such a response in bytes.
    private const int MaxBytes = 4 << 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/playground", ShowAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/playground", SendAsync).WithMetadata(PageAccess.Members, new LongResponseMetadata());
        pages.MapPost("/p/{slug}/playground/stream", StreamAsync).WithMetadata(PageAccess.Members, new LongResponseMetadata());
        pages.MapPost("/p/{slug}/playground/code", ShowCodeAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/playground/replay", ReplayAsync).WithMetadata(PageAccess.Members);
    }

    private static async Task<IResult> ShowAsync(PageRequest page, PlaygroundModels models)
    {
        var choice = await models.ChoiceAsync(page.Project.Id, page.Environment);
        var requested = page.Context.Request.Query["model"].ToString();
        return Show(page, new PlaygroundModel { Choice = choice, Input = new() { Environment = choice.Environment, Model = requested.Length > 0 ? requested : choice.Model, Turns = [new Turn("user", "")] } });
    }

    private static async Task<IResult> SendAsync(PageRequest page, PlaygroundRunner runner, PlaygroundModels models)
    {
        var form = await page.FormAsync();
        PlaygroundInput? input = null;
        try
        {
            input = await PlaygroundForm.ReadAsync(form, page.Aborted);
            using var body = new BoundedStream(MaxBytes);
            var exchange = await runner.RunAsync(page, input, isStream: false, body, beginning: null);
            var result = PlaygroundResponse.Of(exchange, body.Bytes);
            var turns = result.Turn is null ? input.Turns : [.. input.Turns.Where(turn => turn.IsSent), result.Turn, .. result.Next()];
            return Show(page, new PlaygroundModel { Choice = await models.ChoiceAsync(page.Project.Id, input.Environment), Input = input with { Turns = turns }, Response = result });
        }
        catch (RefusedException refused)
        {
            input ??= new() { Turns = [new Turn("user", "")] };
            return Show(page, new PlaygroundModel { Choice = await models.ChoiceAsync(page.Project.Id, input.Environment), Input = input, State = FormState.Refused(form, refused.Error) }, refused.Error.Status);
        }
    }

    /// <summary>The endpoint for the page's script: streams the model's response, then sends one more event with times, tokens and cost.</summary>
    private static async Task StreamAsync(PageRequest page, PlaygroundRunner runner)
    {
        var input = await PlaygroundForm.ReadAsync(await page.FormAsync(), page.Aborted);
        var response = page.Context.Response;
        var exchange = await runner.RunAsync(page, input, isStream: true, response.Body, inner => Take(response, inner));
        if (response.ContentType == EventStream)
        {
            await response.WriteAsync($"event: edge\ndata: {JsonSerializer.Serialize(ResponseFacts.Of(exchange), Json)}\n\n", page.Aborted);
        }
    }

    // Copies only status and content type: headers of a provider must not reach the user's browser.
    private static void Take(HttpResponse response, HttpResponse inner)
    {
        response.StatusCode = inner.StatusCode;
        response.ContentType = inner.ContentType?.StartsWith(EventStream, StringComparison.OrdinalIgnoreCase) == true ? EventStream : "application/json";
        response.Headers["X-Playground-Request"] = inner.HttpContext.TraceIdentifier;
    }

    private static async Task<IResult> ShowCodeAsync(PageRequest page, PlaygroundModels models, PublicAddress address)
    {
        var form = await page.FormAsync();
        PlaygroundInput? input = null;
        try
        {
            input = await PlaygroundForm.ReadAsync(form, page.Aborted);
            var body = PlaygroundBody.Write(CodeSamples.WithoutPictures(input), await models.TokensNameAsync(page.Project.Id, input), isStream: false);
            return Page.Show<CodePage, CodeModel>(page.Frame("Code", Section.Playground), new(CodeSamples.Of(body, address.Of(page.Context.Request)), input.Turns.Any(turn => turn.Images.Count > 0)));
        }
        catch (RefusedException refused)
        {
            input ??= new() { Turns = [new Turn("user", "")] };
            return Show(page, new PlaygroundModel { Choice = await models.ChoiceAsync(page.Project.Id, input.Environment), Input = input, State = FormState.Refused(form, refused.Error) }, refused.Error.Status);
        }
    }

    private static async Task<IResult> ReplayAsync(PageRequest page, RequestFinder finder, RequestPayloads payloads, PlaygroundModels models)
    {
        var form = await page.FormAsync();
        var found = await finder.FindAsync(page, form["id"].ToString(), record => payloads.ReadAsync(page.Actor, record, page.Aborted));
        if (found is null)
        {
            return PageRequest.RedirectTo(page.Project.Path + "/logs");
        }

        var (input, note) = PlaygroundReplay.Of(found.Record, found.Payload!);
        return Show(page, new PlaygroundModel { Choice = await models.ChoiceAsync(page.Project.Id, input.Environment), Input = input, Note = note });
    }

    private static IResult Show(PageRequest page, PlaygroundModel model, int status = StatusCodes.Status200OK) =>
        Page.Show<PlaygroundPage, PlaygroundModel>(page.Frame("Playground", Section.Playground), model, status);
}
