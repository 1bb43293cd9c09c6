using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Routes;

/// <summary>Finds the objects of a project that use a route as their model, and would not work without the route.</summary>
internal static class RouteReferences
{
    private const int MaxListed = 5;

    /// <summary>Returns a short description of each object.</summary>
    public static async Task<List<string>> OfAsync(EdgeDbContext database, ProjectRecord project, string route)
    {
        var agents = await database.Agents.AsNoTracking().Where(agent => agent.ProjectId == project.Id && agent.Model == route).Select(agent => agent.Name).ToListAsync();
        return
        [
            .. project.DefaultModel == route ? ["the project's default model"] : Array.Empty<string>(),
            .. project.ModelAliases.Where(alias => alias.Value == route).Select(alias => $"the alias '{alias.Key}'").Order(StringComparer.Ordinal),
            .. agents.Order(StringComparer.Ordinal).Select(name => $"the agent '{name}'"),
        ];
    }

    public static EdgeError? Refusal(string route, List<string> users) => users.Count == 0 ? null
        : new(ErrorKind.Conflict, $"The route '{route}' is used by {Describe(users)}. Change {(users.Count == 1 ? "it" : "them")} first.") { Param = "name" };

    private static string Describe(List<string> users) => users.Count > MaxListed
        ? $"{string.Join(", ", users.Take(MaxListed))} and {users.Count - MaxListed} more"
        : string.Join(", ", users);
}
