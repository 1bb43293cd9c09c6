using Cencori.Edge.Admin.Description;
using Cencori.Edge.Dashboard.Layout;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cencori.Edge.Dashboard.Reference;

/// <summary>The page that shows the endpoints of the OpenAPI document, and the download of that document.</summary>
internal static class ReferencePages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/api", Show).WithMetadata(PageAccess.Viewers, new PageCompression());
        pages.MapGet("/api/openapi.json", Download).WithMetadata(PageAccess.Viewers);
    }

    // Serves the document to signed-in users: the API's own endpoint needs the admin token and accepts no sessions.
    private static FileContentHttpResult Download() => TypedResults.File(OpenApiDocument.Utf8.ToArray(), "application/json", "openapi.json");

    private static IResult Show(PageRequest page) =>
        Page.Show<ReferencePage, ReferenceModel>(page.Frame("API", Section.Reference), new(Rows(Administration.All), Rows(DataPlane.All)));

    private static List<ReferenceRow> Rows(IEnumerable<Described> endpoints) => [.. endpoints.Select(endpoint => new ReferenceRow(endpoint.Method, endpoint.Path, endpoint.Summary, endpoint.Query))];
}

/// <param name="Administration">Endpoints for the admin token.</param>
/// <param name="Callers">Endpoints for project keys.</param>
public sealed record ReferenceModel(IReadOnlyList<ReferenceRow> Administration, IReadOnlyList<ReferenceRow> Callers);

public sealed record ReferenceRow(string Method, string Path, string Summary, IReadOnlyList<string> Query);
