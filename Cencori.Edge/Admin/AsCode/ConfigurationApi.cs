using System.Globalization;
using System.Text;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Errors;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Endpoints that export the configuration as one document, and apply a document.</summary>
internal static class ConfigurationApi
{
    private const string Yaml = "application/yaml";

    private const string Head = """
        # Configuration of a Cencori.Edge. Edit it, review the difference with 'Cencori.Edge apply <file> --plan', and apply it.
        # ${env:NAME} stands for a secret: the apply command reads the secret from the environment variable NAME. If NAME is not set, the stored secret stays.

        """;

    public static void MapExport(RouteGroupBuilder export) => export.MapGet("/", ExportAsync);

    public static void MapApply(RouteGroupBuilder apply) => apply.MapPost("/", ApplyAsync);

    private static async Task ExportAsync(HttpContext context, CurrentState state, Changes changes)
    {
        context.Request.Query.AllowOnly("format");
        var isYaml = IsYaml(context.Request);
        await changes.NoteAsync(AuditActor.Of(context), new("configuration.exported", null, "configuration"));
        var document = await state.ReadAsync(context.RequestAborted);
        if (!isYaml)
        {
            await context.RespondAsync(StatusCodes.Status200OK, document);
            return;
        }

        context.Response.ContentType = $"{Yaml}; charset=utf-8";
        await context.Response.WriteAsync(Head + YamlWriter.Write(document), context.RequestAborted);
    }

    private static async Task ApplyAsync(HttpContext context, ConfigurationApply apply)
    {
        context.Request.Query.AllowOnly("plan");
        var isPlan = context.Request.Query["plan"].ToString() switch
        {
            "" when !context.Request.Query.ContainsKey("plan") => false,
            "false" or "0" => false,
            "" or "true" or "1" => true,
            _ => throw new RefusedException(EdgeError.Invalid("plan must be true or false.", "plan")),
        };
        var document = await ReadAsync(context);
        try
        {
            await context.RespondAsync(StatusCodes.Status200OK, await apply.RunAsync(AuditActor.Of(context), document.Root, isPlan, context.RequestAborted));
        }
        catch (RefusedException refused) when (document.LineOf(refused.Error.Param) is { } line)
        {
            throw new RefusedException(refused.Error with { Message = string.Create(CultureInfo.InvariantCulture, $"line {line}: {refused.Error.Message}") });
        }
    }

    private static async Task<Document> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType() && MediaType(context.Request.ContentType) is not (Yaml or "text/yaml" or "application/x-yaml"))
        {
            throw new RefusedException(new EdgeError(ErrorKind.UnsupportedMediaType, $"The body must be application/json or {Yaml}."));
        }

        using var reader = new StreamReader(context.Request.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        try
        {
            return Document.Parse(await reader.ReadToEndAsync(context.RequestAborted));
        }
        catch (FormatException exception)
        {
            throw new RefusedException(EdgeError.Invalid(exception.Message));
        }
    }

    // YAML is the default, because the Accept header of a browser names neither YAML nor JSON.
    private static bool IsYaml(HttpRequest request) => request.Query["format"].ToString() switch
    {
        "yaml" => true,
        "json" => false,
        "" => !request.GetTypedHeaders().Accept.OrderByDescending(type => type.Quality ?? 1).Select(type => type.MediaType.ToString()).Any(type => type is "application/json" or "text/json")
            || Prefers(request),
        _ => throw new RefusedException(EdgeError.Invalid("format must be yaml or json.", "format")),
    };

    private static bool Prefers(HttpRequest request) =>
        request.GetTypedHeaders().Accept.MaxBy(type => type.Quality ?? 1)?.MediaType.ToString() is Yaml or "text/yaml" or "application/x-yaml";

    private static string? MediaType(string? contentType) => MediaTypeHeaderValue.TryParse(contentType, out var type) ? type.MediaType.ToString().ToLowerInvariant() : null;
}
