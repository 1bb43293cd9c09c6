using Cencori.Edge.Admin.Description;
using Cencori.Edge.Dashboard.Layout;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cencori.Edge.Dashboard.Reference;

/// <summary>What the OpenAPI document says, for people.</summary>
internal static class ReferencePages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/api", Show).WithMetadata(PageAccess.Viewers, new PageCompression());
        pages.MapGet("/api/openapi.json", Download).WithMetadata(PageAccess.Viewers);
    }

    // The API takes no session: whoever reads the page has it by a click all the same.
    private static FileContentHttpResult Download() => TypedResults.File(OpenApiDocument.Utf8.ToArray(), "application/json", "openapi.json");

    private static IResult Show(PageRequest page) =>
        Page.Show<ReferencePage, ReferenceModel>(page.Frame("API", Section.Reference), new(Rows(Administration.All), Rows(DataPlane.All)));

    private static List<ReferenceRow> Rows(IEnumerable<Described> endpoints) => [.. endpoints.Select(endpoint => new ReferenceRow(endpoint.Method, endpoint.Path, endpoint.Summary, endpoint.Query))];
}

/// <param name="Administration">What the admin token may ask for.</param>
/// <param name="Callers">What a project key may ask for.</param>
public sealed record ReferenceModel(IReadOnlyList<ReferenceRow> Administration, IReadOnlyList<ReferenceRow> Callers);

public sealed record ReferenceRow(string Method, string Path, string Summary, IReadOnlyList<string> Query);
