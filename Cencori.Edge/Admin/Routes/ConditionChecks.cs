using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Admin.Routes;

/// <summary>Checks the condition of a route's rule.</summary>
internal static class ConditionChecks
{
    private const int MaxValues = 100;
    private const int MaxNames = 16;
    private const int MaxNameLength = 64;
    private const int MaxValueLength = 512;
    private const long MaxTokens = 1_000_000_000;

    // Headers that a condition may not use: they contain secrets, and many people can read a condition.
    private static readonly HashSet<string> Secret =
        new([.. PresentedKey.HeaderNames, "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Sec-WebSocket-Protocol"], StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<EdgeError> All(string place, RouteDocument.Condition condition) =>
        IsEmpty(condition) ? [RouteChecks.At(place, "the condition must not be empty. To serve every request, write the groups into the route's own groups.")]
        : Tokens($"{place}.input_tokens", condition.InputTokens)
            .Concat(Values($"{place}.endpoints", condition.Endpoints))
            .Concat((condition.Endpoints ?? []).SelectMany((path, index) => Endpoint($"{place}.endpoints[{index}]", path)))
            .Concat(Values($"{place}.keys", condition.Keys))
            .Concat(Values($"{place}.agents", condition.Agents))
            .Concat(Values($"{place}.users", condition.Users))
            .Concat(Named($"{place}.headers", condition.Headers, Header))
            .Concat(Twice($"{place}.headers", condition.Headers))
            .Concat(Named($"{place}.metadata", condition.Metadata, Member));

    private static bool IsEmpty(RouteDocument.Condition condition) => condition is
    {
        InputTokens: null or { Over: null, Under: null },
        Stream: null,
        Has: null or [],
        Endpoints: null or [],
        Keys: null or [],
        Environment: null,
        Agents: null or [],
        Users: null or [],
        Headers: null or { Count: 0 },
        Metadata: null or { Count: 0 },
    };

    private static IEnumerable<EdgeError> Tokens(string place, RouteDocument.Span? span)
    {
        if (span is null)
        {
            return [];
        }

        var wrong = RouteChecks.Range($"{place}.over", span.Over, 0, MaxTokens).Concat(RouteChecks.Range($"{place}.under", span.Under, 1, MaxTokens));
        return span.Under <= span.Over + 1 ? wrong.Append(RouteChecks.At(place, "'under' must be at least 'over' + 2. Otherwise no number is more than 'over' and less than 'under'.")) : wrong;
    }

    private static IEnumerable<EdgeError> Values(string place, List<string>? values) =>
        values is null ? []
        : values.Count > MaxValues ? [RouteChecks.At(place, $"there must be at most {MaxValues} values.")]
        : values.SelectMany((value, index) => string.IsNullOrEmpty(value) || !IsValue(value)
            ? [RouteChecks.At($"{place}[{index}]", $"it must have 1 to {MaxValueLength} characters, none of them a control character.")]
            : Array.Empty<EdgeError>());

    private static IEnumerable<EdgeError> Endpoint(string place, string? path) =>
        path is { Length: > 0 } && (path[0] != '/' || RouteDocument.EndpointOf(path).Length == 0 || path.AsSpan().ContainsAny("?# *"))
            ? [RouteChecks.At(place, "it must be a path below the base URL, such as '/chat/completions'.")]
            : [];

    private static IEnumerable<EdgeError> Named(string place, Dictionary<string, List<string>>? named, Func<string, string, EdgeError?> checkName) =>
        named is null ? []
        : named.Count > MaxNames ? [RouteChecks.At(place, $"there must be at most {MaxNames} names.")]
        : named.SelectMany(one => checkName($"{place}.{one.Key}", one.Key) is { } problem ? [problem]
            : one.Value is null ? [RouteChecks.At($"{place}.{one.Key}", "it must be a list of texts. An empty list matches any value.")]
            : Values($"{place}.{one.Key}", one.Value));

    private static EdgeError? Header(string place, string name) =>
        name.Length is 0 or > MaxNameLength || !name.All(IsOfHeaderName) ? RouteChecks.At(place, "it must be a valid header name.")
        : Secret.Contains(name) ? RouteChecks.At(place, $"a condition must not use {name}, because this header contains a secret. To match API keys, list their ids in 'keys'.")
        : null;

    // Finds headers that appear twice, because header names are case-insensitive.
    private static IEnumerable<EdgeError> Twice(string place, Dictionary<string, List<string>>? named) =>
        named?.Keys.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? [RouteChecks.At(place, $"the header {twice.Key} must not appear twice.")]
            : [];

    private static EdgeError? Member(string place, string name) =>
        name.Length is 0 or > MaxNameLength || !IsValue(name) ? RouteChecks.At(place, $"a name in metadata must have 1 to {MaxNameLength} characters, none of them a control character.") : null;

    private static bool IsOfHeaderName(char letter) => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal);

    private static bool IsValue(string value) => value.Length <= MaxValueLength && !value.Any(char.IsControl);
}
