using Cencori.Edge.Projects;

namespace Cencori.Edge.Admin.Routes;

/// <summary>A route as an administrator sees it.</summary>
/// <param name="Name">The name that callers write in <c>model</c>.</param>
/// <param name="Route">The route, in the form of a request body.</param>
/// <param name="UpdatedAt">Time of the last change.</param>
/// <param name="Warnings">Why some targets cannot be used at present; one sentence each.</param>
public sealed record RouteView(string Name, RouteDocument Route, DateTimeOffset UpdatedAt, List<string> Warnings);
