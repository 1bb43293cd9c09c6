using Cencori.Edge.Admin.Routes;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing.Routes;

namespace Cencori.Edge.Dashboard.Routes;

/// <param name="Routes">The routes, by name.</param>
public sealed record RoutesModel(IReadOnlyList<RouteView> Routes);

/// <param name="Route">The route.</param>
/// <param name="Yaml">The route as YAML, as in exported documents.</param>
/// <param name="StateOf">Returns the state of a target at this edge.</param>
public sealed record RouteModel(RouteView Route, string Yaml, Func<RouteDocument.Target, TargetState> StateOf);

/// <summary>The state of a route's target, to show.</summary>
/// <param name="Word">The state in a word or two.</param>
/// <param name="Tone">The badge class.</param>
/// <param name="More">The reason for the state. Null: there is none.</param>
public sealed record TargetState(string Word, string? Tone, string? More = null);

/// <param name="Name">The route's name. Null: a new route.</param>
/// <param name="State">The form's state.</param>
/// <param name="Models">Model names for auto-completion.</param>
/// <param name="Now">After a conflict, the stored version that somebody else has saved. Null: no conflict.</param>
public sealed record RouteFormModel(string? Name, FormState State, IReadOnlyList<string> Models, string? Now = null);

/// <param name="Route">The route's name.</param>
/// <param name="State">The form's state.</param>
/// <param name="Keys">Keys to choose from: id and label.</param>
/// <param name="Explanation">The explanation. Null: the form was not sent yet, or was refused.</param>
public sealed record RouteExplainModel(string Route, FormState State, IReadOnlyList<(string Id, string Label)> Keys, RouteExplanation? Explanation);

/// <param name="Route">The route to delete.</param>
/// <param name="Tag">The route's ETag.</param>
/// <param name="Users">Descriptions of everything that refers to the route and so prevents its deletion.</param>
public sealed record DeleteRouteModel(RouteView Route, string Tag, IReadOnlyList<string> Users);
