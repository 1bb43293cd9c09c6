using System.Globalization;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.AsCode;
using Cencori.Edge.Admin.Routes;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Settings;

namespace Cencori.Edge.Dashboard.Routes;

/// <summary>Maps a route to form fields and back. Fields have the API's names, so that API errors name the right field. One field contains all rare settings as YAML.</summary>
internal static class RouteForm
{
    /// <summary>Name of the field with the YAML text of conditions and other rare settings.</summary>
    public const string YamlField = "rest";

    /// <summary>Name of the field that counts how often the user has asked for more empty rows.</summary>
    public const string ExtraRowsField = "more";

    private const string Groups = "groups";
    private const string Uncertain = "uncertain";

    private static readonly string[] YamlMembers = ["when", "attempts", "first_byte_seconds", "max_wait_seconds", "affinity", "on_overflow", "shadow"];
    private static readonly string[] OfTarget = ["model", "weight", "without", "context_tokens"];

    /// <summary>The initial form of a new route.</summary>
    public static FormState New() => Of(new RouteDocument { Groups = [] }, []);

    public static FormState Of(Tagged<RouteView> route) => Of(route.Value.Route, new() { ["tag"] = route.Tag });

    /// <summary>The posted fields without empty rows and groups. So the indexes in errors of the API match the fields on the page.</summary>
    public static FormState ReadPosted(IFormCollection form)
    {
        var values = form.Where(field => !field.Key.StartsWith($"{Groups}[", StringComparison.Ordinal)).ToDictionary(field => field.Key, field => (string?)field.Value.ToString(), StringComparer.Ordinal);
        var group = 0;
        for (var sent = 0; sent < ModelRoute.MaxGroups; sent++)
        {
            var targets = Enumerable.Range(0, ModelRoute.MaxTargets)
                .Select(target => OfTarget.Select(name => form[TargetField(sent, target, name)].ToString().Trim()).ToArray())
                .Where(fields => Array.Exists(fields, field => field.Length > 0)).ToList();
            if (targets.Count == 0)
            {
                continue;
            }

            values[BalanceField(group)] = form[BalanceField(sent)];
            values[AutoStopField(group)] = form[AutoStopField(sent)].ToString();
            foreach (var (target, fields) in targets.Index())
            {
                foreach (var (index, name) in OfTarget.Index())
                {
                    values[TargetField(group, target, name)] = fields[index];
                }
            }

            group++;
        }

        return new(values);
    }

    /// <summary>Reads the route from the fields.</summary>
    /// <exception cref="RefusedException">A field is invalid; the error names it.</exception>
    public static RouteDocument Read(FormState state)
    {
        var rest = ParseYaml(state);
        var members = rest.Root;
        members[Groups] = new JsonArray([.. Enumerable.Range(0, CountFilled(state)).Select(group => GroupOf(state, group))]);
        members[Uncertain] = state[Uncertain];
        try
        {
            return new Part(members, "").As<RouteDocument>();
        }
        catch (RefusedException refused)
        {
            throw new RefusedException(AtField(refused.Error, rest));
        }
    }

    /// <summary>Returns the API's error with the name of the form field as its parameter.</summary>
    public static EdgeError AtField(EdgeError error, FormState state) => AtField(error, ParseYaml(state));

    public static string BalanceField(int group) => $"{Groups}[{group}].balance";

    public static string AutoStopField(int group) => $"{Groups}[{group}].auto_stop";

    /// <summary>True: the checkbox for the automatic stop of failing canary targets is ticked. In a new group the checkbox is ticked.</summary>
    public static bool StopsCanaries(FormState state, int group) => state[AutoStopField(group)] is null or "on";

    public static string TargetField(int group, int target, string name) => $"{Groups}[{group}].targets[{target}].{name}";

    /// <summary>Number of non-empty groups.</summary>
    public static int CountFilled(FormState state) => Enumerable.Range(0, ModelRoute.MaxGroups).TakeWhile(group => CountFilled(state, group) > 0).Count();

    /// <summary>Number of non-empty targets of a group.</summary>
    public static int CountFilled(FormState state, int group) =>
        Enumerable.Range(0, ModelRoute.MaxTargets).TakeWhile(target => Array.Exists(OfTarget, name => !string.IsNullOrEmpty(state[TargetField(group, target, name)]))).Count();

    private static FormState Of(RouteDocument document, Dictionary<string, string?> values)
    {
        foreach (var (group, one) in document.Groups.Index())
        {
            values[BalanceField(group)] = Word(one.Balance ?? RouteBalance.Weighted);
            values[AutoStopField(group)] = one.AutoStop == false ? "" : "on";
            foreach (var (target, member) in one.Targets.Index())
            {
                values[TargetField(group, target, "model")] = member.Model;
                values[TargetField(group, target, "weight")] = member.Weight?.ToString(CultureInfo.InvariantCulture);
                values[TargetField(group, target, "without")] = string.Join(", ", (member.Without ?? []).Select(Word));
                values[TargetField(group, target, "context_tokens")] = member.ContextTokens?.ToString(CultureInfo.InvariantCulture);
            }
        }

        // Fills in default values, so that the form shows them.
        var members = CurrentState.RouteOf(RouteDocument.Of(document.ToRoute("")));
        values[Uncertain] = (string?)members[Uncertain];
        values[YamlField] = YamlWriter.Write(new JsonObject(YamlMembers.Where(members.ContainsKey).Select(name => KeyValuePair.Create(name, members[name]?.DeepClone()))));
        return new(values);
    }

    private static JsonObject GroupOf(FormState state, int group)
    {
        var balance = state[BalanceField(group)] is { Length: > 0 } chosen ? chosen : Word(RouteBalance.Weighted);
        var members = new JsonObject { ["balance"] = balance };
        if (balance == Word(RouteBalance.Split))
        {
            members["auto_stop"] = StopsCanaries(state, group);
        }

        members["targets"] = new JsonArray([.. Enumerable.Range(0, CountFilled(state, group)).Select(target => TargetOf(state, group, target))]);
        return members;
    }

    private static JsonObject TargetOf(FormState state, int group, int target)
    {
        string? Text(string name) => state[TargetField(group, target, name)];
        var members = new JsonObject { ["model"] = Text("model") ?? "" };
        foreach (var name in (string[])["weight", "context_tokens"])
        {
            if (Text(name) is { Length: > 0 } text)
            {
                members[name] = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
                    : throw new RefusedException(EdgeError.Invalid("Enter a whole number, such as 20, without points or commas.", TargetField(group, target, name)));
            }
        }

        if (Text("without") is { Length: > 0 } without)
        {
            members["without"] = new JsonArray([.. without.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(one => (JsonNode)one)]);
        }

        return members;
    }

    private static Document ParseYaml(FormState state)
    {
        var text = state[YamlField]?.ReplaceLineEndings("\n") ?? "";
        try
        {
            var rest = string.IsNullOrWhiteSpace(text) ? new Document(new JsonObject(), new Dictionary<string, int>()) : Document.Parse(text);
            foreach (var name in (string[])[Groups, Uncertain])
            {
                if (rest.Root.ContainsKey(name))
                {
                    throw new RefusedException(AtField(EdgeError.Invalid($"{name}: use the fields above for this setting.", name), rest, isYaml: true));
                }
            }

            return rest.Root.Select(member => member.Key).FirstOrDefault(name => !YamlMembers.Contains(name)) is { } unknown
                ? throw new RefusedException(AtField(EdgeError.Invalid($"Unknown field '{unknown}'.{NearestName.Suggest(unknown, YamlMembers)}", unknown), rest, isYaml: true))
                : rest;
        }
        catch (FormatException exception)
        {
            throw new RefusedException(EdgeError.Invalid(exception.Message, YamlField));
        }
    }

    private static EdgeError AtField(EdgeError error, Document rest) => AtField(error, rest, Array.Exists(YamlMembers, name => error.Param?.Split('[', '.')[0] == name));

    // The field "without" contains a list, so an error about one item belongs to that field. Errors about rare settings belong to the YAML field.
    private static EdgeError AtField(EdgeError error, Document rest, bool isYaml) =>
        !isYaml ? error.Param?.IndexOf(".without[", StringComparison.Ordinal) is { } at and > 0 ? error with { Param = error.Param[..(at + ".without".Length)] } : error
        : error with { Param = YamlField, Message = rest.LineOf(error.Param) is { } line ? string.Create(CultureInfo.InvariantCulture, $"line {line}: {error.Message}") : error.Message };

    private static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
