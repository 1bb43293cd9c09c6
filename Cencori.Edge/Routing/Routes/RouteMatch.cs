using System.Collections.Immutable;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Routing.Routes;

/// <summary>Selects the groups of a route that apply to a request. Pure: no I/O.</summary>
internal static class RouteMatch
{
    /// <summary>Returns the groups of the first rule that matches, or else the route's own groups.</summary>
    /// <returns>The groups, and the index of the matching rule; -1: no rule matches.</returns>
    public static (ImmutableArray<RouteGroup> Groups, int Rule) Of(ModelRoute route, Exchange exchange, RequestContent content)
    {
        for (var place = 0; place < route.Rules.Length; place++)
        {
            if (Fits(route.Rules[place].If, exchange, content))
            {
                return (route.Rules[place].Groups, place);
            }
        }

        return (route.Groups, -1);
    }

    private static bool Fits(RouteCondition condition, Exchange exchange, RequestContent content) =>
        (condition.InputOver is not { } over || content.InputTokens > over)
        && (condition.InputUnder is not { } under || content.InputTokens < under)
        && (condition.Stream is not { } stream || content.IsStream == stream)
        && (condition.Environment is not { } environment || exchange.Caller!.Key.Environment == environment)
        && (condition.Has & ~content.RequiredAbilities) == 0
        && IsOneOf(condition.Keys, exchange.Caller!.Key.Id)
        && IsOneOf(condition.Agents, exchange.Agent?.Id)
        && IsOneOf(condition.Endpoints, exchange.Rest.Value)
        && IsOneOf(condition.Users, content.Labels?.User)
        && AreOneOf(condition.Metadata, content.Labels, static (labels, name) => labels?.Metadata(name))
        && AreOneOf(condition.Headers, exchange.Context.Request.Headers, static (headers, name) => headers.TryGetValue(name, out var value) ? value.ToString() : null);

    private static bool IsOneOf(ImmutableArray<string> values, string? value) => values.IsEmpty || (value is not null && values.Contains(value));

    private static bool AreOneOf<T>(ImmutableArray<NamedValues> conditions, T from, Func<T, string, string?> read)
    {
        foreach (var (name, values) in conditions)
        {
            if (read(from, name) is not { } value || !IsOneOf(values, value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The fields of request bodies that the project's routes evaluate.</summary>
    public static NotedFields FieldsToNote(ProjectSnapshot project)
    {
        var fieldsToNote = NotedFields.None;
        foreach (var route in project.Routes.Values)
        {
            fieldsToNote |= route.Shadow is null ? NotedFields.None : NotedFields.Needs;
            fieldsToNote |= route.KeepsPrompts ? NotedFields.Prefix | NotedFields.Labels : NotedFields.None;
            fieldsToNote = route.Rules.Aggregate(fieldsToNote, static (all, rule) => all | FieldsToNote(rule.If) | FieldsToNote(rule.Groups));
            fieldsToNote |= FieldsToNote(route.Groups);
        }

        return fieldsToNote;
    }

    private static NotedFields FieldsToNote(RouteCondition condition) =>
        (condition.Has == ModelAbilities.None ? NotedFields.None : NotedFields.Needs)
        | (condition.Users.IsEmpty && condition.Metadata.IsEmpty ? NotedFields.None : NotedFields.Labels);

    private static NotedFields FieldsToNote(ImmutableArray<RouteGroup> groups) =>
        (groups.Any(static group => group.Targets.Any(static target => target.Without != ModelAbilities.None)) ? NotedFields.Needs : NotedFields.None)
        | (groups.Any(static group => group.Balance == RouteBalance.Split) ? NotedFields.Labels : NotedFields.None);
}
