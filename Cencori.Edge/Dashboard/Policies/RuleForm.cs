using System.Globalization;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.AsCode;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>Maps a rule to form fields and back. Fields have the API's names, so that API errors name the right field. Fields of kinds other than the chosen one are ignored.</summary>
internal static class RuleForm
{
    /// <summary>Name of the field with the guardrail's secret. Forms sent to the browser never contain the secret.</summary>
    public const string Secret = Guardrail + "secret";

    private const string Guardrail = "guardrail.";

    /// <summary>The initial form of a new rule.</summary>
    public static FormState New() => new(new Dictionary<string, string?>(StringComparer.Ordinal) { ["kind"] = PolicyText.WordOf(PolicyKind.Email), ["action"] = PolicyText.WordOf(PolicyAction.Monitor) });

    public static FormState Of(PolicyDocument.Rule rule) => new(new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["tag"] = TagOf(rule),
        ["name"] = rule.Name,
        ["kind"] = PolicyText.WordOf(rule.Kind),
        ["action"] = PolicyText.WordOf(rule.Action ?? PolicyAction.Monitor),
        ["stage"] = rule.Stage is { } stage ? PolicyText.WordOf(stage) : null,
        ["roles"] = string.Join(',', (rule.Roles ?? []).Select(PolicyText.WordOf)),
        ["allow"] = Lines(rule.Allow),
        ["words"] = Lines(rule.Words),
        ["threshold"] = Text(rule.Threshold),
        ["pattern"] = rule.Pattern,
        ["ignore_case"] = rule.IgnoreCase == true ? "on" : null,
        ["max_match"] = Text(rule.MaxMatch),
        ["regions"] = string.Join(", ", rule.Regions ?? []),
        ["default_region"] = rule.DefaultRegion,
        ["canary"] = rule.Canary,
        ["min_score"] = FormNumbers.Decimals(rule.MinScore),
        [Guardrail + "type"] = rule.Guardrail is { } guardrail ? PolicyText.WordOf(guardrail.Type) : null,
        [Guardrail + "url"] = rule.Guardrail?.Url,
        [Guardrail + "timeout_ms"] = Text(rule.Guardrail?.TimeoutMs),
        [Guardrail + "on_failure"] = rule.Guardrail?.OnFailure is { } failure ? PolicyText.WordOf(failure) : null,
        [Guardrail + "categories"] = Lines(rule.Guardrail?.Categories),
        [Guardrail + "score_threshold"] = FormNumbers.Decimals(rule.Guardrail?.ScoreThreshold),
        [Guardrail + "language"] = rule.Guardrail?.Language,
        ["mask_embeddings"] = rule.MaskEmbeddings == true ? "on" : null,
    });

    /// <summary>Reads the rule from the form.</summary>
    /// <param name="form">The posted form.</param>
    /// <param name="id">The rule's id. Null: a new rule, whose id is derived from its name.</param>
    /// <exception cref="RefusedException">A field is invalid; the error names it.</exception>
    public static PolicyDocument.Rule Read(IFormCollection form, string? id)
    {
        var kind = One<PolicyKind>(form, "kind", "Choose what to look for.");
        T? Of<T>(PolicyKind its, Func<T?> read) => kind == its ? read() : default;
        return new()
        {
            Id = id,
            Name = form["name"].ToString().Trim(),
            Kind = kind,
            Action = One<PolicyAction>(form, "action", "Choose an action."),
            Stage = form["stage"].ToString().Length == 0 ? null : One<PolicyStage>(form, "stage", "Choose where to look."),
            Roles = form["roles"].Count == 0 ? null : [.. form["roles"].Select(word => PolicyText.Read<PolicyDocument.Role>(word) ?? throw Wrong("Choose roles from the list.", "roles"))],
            Allow = Lines(form, "allow"),
            Words = Of(PolicyKind.Words, () => Lines(form, "words")),
            Threshold = Of(PolicyKind.Words, () => ReadInteger(form, "threshold")),
            Pattern = Of(PolicyKind.Pattern, () => form["pattern"].ToString().ReplaceLineEndings("\n").TrimEnd('\n') is { Length: > 0 } pattern ? pattern : null),
            IgnoreCase = Of(PolicyKind.Pattern, () => Box(form, "ignore_case")),
            MaxMatch = Of(PolicyKind.Pattern, () => ReadInteger(form, "max_match")),
            Regions = Of(PolicyKind.NationalId, () => form["regions"].ToString().Split([',', ' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(region => region.ToUpperInvariant()).ToList()),
            DefaultRegion = Of(PolicyKind.Phone, () => form["default_region"].ToString().Trim() is { Length: > 0 } region ? region.ToUpperInvariant() : null),
            Canary = Of(PolicyKind.Canary, () => form["canary"].ToString() is { Length: > 0 } canary ? canary : null),
            MinScore = Of(PolicyKind.Injection, () => Score(form, "min_score", "0.1 to 1, such as 0.7")),
            Guardrail = Of(PolicyKind.Guardrail, () => GuardrailOf(form)),
            MaskEmbeddings = Box(form, "mask_embeddings"),
        };
    }

    /// <summary>Maps an error of the whole document to the form's field.</summary>
    /// <param name="error">The document's error.</param>
    /// <param name="index">The rule's index in the document.</param>
    /// <param name="name">The rule's name.</param>
    public static EdgeError AtField(EdgeError error, int index, string name)
    {
        string place = $"rules[{index}].", said = $"rules[{index}] ({name}): ";
        return error.Param is not { } param || !param.StartsWith("rules", StringComparison.Ordinal) ? error
            : error with
            {
                Param = param.StartsWith(place, StringComparison.Ordinal) ? param[place.Length..] : null,
                Message = error.Message.StartsWith(said, StringComparison.Ordinal) ? error.Message[said.Length..] : error.Message,
            };
    }

    /// <summary>Computes an ETag of one rule only, so that changes of other rules cause no conflict.</summary>
    public static string TagOf(PolicyDocument.Rule rule) => EntityTags.Of(rule);

    /// <summary>The rule as YAML, as in exported documents.</summary>
    public static string YamlOf(PolicyDocument.Rule rule) => YamlWriter.Write(JsonNode.Parse(new PolicyDocument { Rules = [rule] }.Write())!["rules"]![0]!.AsObject());

    // Ignores fields that belong to other guardrail types. An empty secret field keeps the stored secret if the chosen type uses a secret.
    private static GuardrailSettings GuardrailOf(IFormCollection form)
    {
        var type = One<GuardrailType>(form, Guardrail + "type", "Choose a protocol.");
        var url = form[Guardrail + "url"].ToString().Trim() is { Length: > 0 } text ? text : null;
        var takesSecret = type == GuardrailType.Http || (type == GuardrailType.OpenaiModeration && url is not null);
        var secret = takesSecret && form[Secret].ToString() is { Length: > 0 } typed ? typed : null;
        return new()
        {
            Type = type,
            Url = url,
            Secret = secret,
            HasSecret = secret is null && (!takesSecret || form[Guardrail + "no_secret"] == "on") ? false : null,
            TimeoutMs = ReadInteger(form, Guardrail + "timeout_ms"),
            OnFailure = form[Guardrail + "on_failure"].ToString().Length == 0 ? null : One<GuardrailFailure>(form, Guardrail + "on_failure", "Choose what happens on failure."),
            Categories = type == GuardrailType.Http ? null : Lines(form, Guardrail + "categories"),
            ScoreThreshold = type == GuardrailType.Http ? null : Score(form, Guardrail + "score_threshold", "0 to 1, such as 0.5"),
            Language = type == GuardrailType.Presidio && form[Guardrail + "language"].ToString().Trim() is { Length: > 0 } language ? language : null,
        };
    }

    private static T One<T>(IFormCollection form, string field, string problem)
        where T : struct, Enum => PolicyText.Read<T>(form[field]) ?? throw Wrong(problem, field);

    private static RefusedException Wrong(string problem, string field) => new(EdgeError.Invalid(problem, field));

    private static string Lines(List<string>? lines) => string.Join('\n', lines ?? []);

    private static List<string>? Lines(IFormCollection form, string field) =>
        form[field].ToString().Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } lines ? [.. lines] : null;

    private static bool? Box(IFormCollection form, string field) => form[field] == "on" ? true : null;

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static int? ReadInteger(IFormCollection form, string field) => FormNumbers.ReadInteger(form, field) is { } number ? (int)Math.Min(number, int.MaxValue) : null;

    private static double? Score(IFormCollection form, string field, string range)
    {
        var text = form[field].ToString().Trim();
        return text.Length == 0 ? null
            : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var score) ? score
            : throw Wrong($"Enter a number from {range}.", field);
    }
}
