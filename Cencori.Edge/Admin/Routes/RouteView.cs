using Cencori.Edge.Projects;

namespace Cencori.Edge.Admin.Routes;

/// <summary>A route as the administrator sees it.</summary>
/// <param name="Name">As callers write it in <c>model</c>.</param>
/// <param name="Route">As it can be sent back.</param>
/// <param name="UpdatedAt">When it was last another one.</param>
/// <param name="Warnings">Why some of its targets cannot be asked as things are, a sentence each.</param>
public sealed record RouteView(string Name, RouteDocument Route, DateTimeOffset UpdatedAt, List<string> Warnings);
