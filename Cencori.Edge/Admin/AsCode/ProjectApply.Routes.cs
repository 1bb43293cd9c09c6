using System.Text.Json.Nodes;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Plans the routes. Each route in the document is replaced as a whole.</summary>
internal sealed partial class ProjectApply
{
    // Routes are planned after agents and keys, because route conditions name agents and keys.
    private void PlanRoutes()
    {
        if (requested.Object(Routes) is not { } routes)
        {
            return;
        }

        foreach (var (name, value) in routes.Members)
        {
            PlanRoute(new Part(value as JsonObject ?? throw routes.Refuse(name, "The value must be an object."), $"{routes.Path}.{name}"), name);
        }
    }

    private void PlanRoute(Part route, string name)
    {
        var (title, tag, document) = ($"route '{name}'", $"{Routes}.{name}", Check(route, name));
        if (Current[Routes]![name] is not JsonObject existing)
        {
            Add(route, PlannedChange.Create, title, null, null, null, SetAsync);
            return;
        }

        // Applying the document resets a stored member that the document omits. The comparison treats the omitted member as null, so that it finds this change.
        var members = CurrentState.RouteOf(WithOwnIds(document));
        foreach (var (left, _) in existing)
        {
            members.TryAdd(left, null);
        }

        if (Difference.Of(members, existing, ChangeReporter(title)).Count > 0)
        {
            Do(route, SetAsync);
        }

        async Task SetAsync()
        {
            var set = await editors.Routes.SetAsync(actor, _id, name, WithOwnIds(document), Expect(tag));
            _warnings.AddRange(set.Value.Warnings.Select(warning => $"{route.Path}: {warning}"));
        }
    }

    private RouteDocument Check(Part route, string name)
    {
        var document = route.As<RouteDocument>();
        try
        {
            return editors.Routes.Check(name, document);
        }
        catch (RefusedException refused)
        {
            throw route.At(refused);
        }
    }

    private RouteDocument WithOwnIds(RouteDocument document) => document with
    {
        When = document.When?.ConvertAll(rule => rule with { If = rule.If with { Agents = Own(rule.If.Agents, _agents), Keys = Own(rule.If.Keys, _keys) } }),
    };

    private static List<string>? Own(List<string>? ids, Dictionary<string, string> own) => ids?.ConvertAll(id => own.GetValueOrDefault(id, id));
}
