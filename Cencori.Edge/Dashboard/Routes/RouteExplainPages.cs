using System.Text.Json;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Routes;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Routing.Routes;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Routes;

/// <summary>The page that explains where a route would send a request. It sends nothing and stores nothing.</summary>
internal static class RouteExplainPages
{
    public const string Body = "request";
    public const string Key = "key";
    public const string Environment = "environment";
    public const string Endpoint = "endpoint";

    // Maximum keys that the form offers; of more keys, the newest ones.
    private const int MaxKeys = 200;

    private static readonly string[] Fields = [Body, Key, Environment, Endpoint];

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/routes/explain/{**route}", AskAsync);
        pages.MapPost("/p/{slug}/routes/explain/{**route}", ExplainAsync).WithMetadata(PageAccess.Viewers);
    }

    private static async Task<IResult> AskAsync(PageRequest page, string route, RouteEditor routes, ApiKeyEditor keys)
    {
        var name = (await routes.GetAsync(page.Project.Id, RouteText.Read(route))).Value.Name;
        var body = JsonSerializer.Serialize(new { model = name, messages = new[] { new { role = "user", content = "Hello!" } } }, Indented);
        return await ShowAsync(page, name, new(new Dictionary<string, string?> { [Body] = body, [Environment] = "production", [Endpoint] = "/v1/chat/completions" }), keys);
    }

    private static async Task<IResult> ExplainAsync(PageRequest page, string route, RouteEditor routes, RouteExplainService service, ApiKeyEditor keys)
    {
        var name = (await routes.GetAsync(page.Project.Id, RouteText.Read(route))).Value.Name;
        var form = await page.FormAsync();
        var state = new FormState(Fields.ToDictionary(field => field, field => (string?)form[field].ToString(), StringComparer.Ordinal));
        try
        {
            return await ShowAsync(page, name, state, keys, await service.ExplainAsync(page.Project.Id, name, Read(state)));
        }
        catch (RefusedException refused)
        {
            // Errors about a part of the body are shown at the field with the whole body.
            var error = refused.Error with { Param = Fields.Contains(refused.Error.Param) ? refused.Error.Param : Body };
            return await ShowAsync(page, name, state with { Error = error }, keys, status: error.Status);
        }
    }

    private static ExplainRequest Read(FormState state)
    {
        try
        {
            return new()
            {
                Request = JsonElement.Parse(state[Body] ?? ""),
                Key = state[Key] is { Length: > 0 } key ? key : null,
                Environment = state[Environment] == "test" ? KeyEnvironment.Test : KeyEnvironment.Production,
                Endpoint = (state[Endpoint] ?? "").Trim(),
            };
        }
        catch (JsonException exception)
        {
            throw new RefusedException(EdgeError.Invalid($"The body must be JSON. Error in line {exception.LineNumber + 1}.", Body));
        }
    }

    private static async Task<IResult> ShowAsync(PageRequest page, string name, FormState state, ApiKeyEditor keys, RouteExplanation? explanation = null, int status = StatusCodes.Status200OK)
    {
        var choices = (await keys.ListAsync(page.Project.Id)).Where(key => !key.Revoked).OrderByDescending(key => key.CreatedAt).Take(MaxKeys);
        return Page.Show<RouteExplainPage, RouteExplainModel>(
            page.Frame($"{name}: where would a request go?", Section.Routes),
            new(name, state, [.. choices.Select(key => (key.Id, $"{key.Name} (…{key.LastFour}, {key.Environment.ToString().ToLowerInvariant()})"))], explanation),
            status);
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
}
