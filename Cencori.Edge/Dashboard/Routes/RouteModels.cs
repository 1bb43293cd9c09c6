using Cencori.Edge.Admin.Routes;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing;

namespace Cencori.Edge.Dashboard.Routes;

/// <param name="Routes">By name.</param>
public sealed record RoutesModel(IReadOnlyList<RouteView> Routes);

/// <param name="Route">It.</param>
/// <param name="Yaml">As it is written in documents.</param>
/// <param name="StateOf">How its targets do at this edge.</param>
public sealed record RouteModel(RouteView Route, string Yaml, Func<RouteDocument.Target, TargetState> StateOf);

/// <summary>How a target does, in a word or two.</summary>
/// <param name="Word">What it is.</param>
/// <param name="Tone">The class of the badge that says so.</param>
/// <param name="More">Why. Null: there is no more to say.</param>
public sealed record TargetState(string Word, string? Tone, string? More = null);

/// <param name="Name">Null: it is a new one.</param>
/// <param name="State">Of the form.</param>
/// <param name="Models">Names that a target may have, for help in typing.</param>
/// <param name="Now">What somebody else has made of it in the meantime. Null: nothing.</param>
public sealed record RouteFormModel(string? Name, FormState State, IReadOnlyList<string> Models, string? Now = null);

/// <param name="Route">The route's name.</param>
/// <param name="State">Of the form.</param>
/// <param name="Keys">That it could come with: id, and what people call it.</param>
/// <param name="Told">Null: nothing has been asked, or nothing can be told.</param>
public sealed record RouteExplainModel(string Route, FormState State, IReadOnlyList<(string Id, string Label)> Keys, RouteExplanation? Told);

/// <param name="Route">The route that is to go.</param>
/// <param name="Tag">Of it.</param>
/// <param name="Users">What names it, and keeps it from being deleted.</param>
public sealed record DeleteRouteModel(RouteView Route, string Tag, IReadOnlyList<string> Users);
