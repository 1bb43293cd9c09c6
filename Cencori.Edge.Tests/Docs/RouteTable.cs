using System.Text.RegularExpressions;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Docs;

/// <summary>The routes of a running edge, and the paths that documentation pages name.</summary>
internal sealed partial class RouteTable
{
    private readonly List<(string Method, string[] Path)> _routes;

    // Paths that the edge forwards to a provider, with all paths below them.
    private readonly string[] _passed = [.. EndpointTable.KeyPaths.Select(row => row.Path).Where(path => path.StartsWith("/v1/", StringComparison.Ordinal))];

    public RouteTable(RunningEdge edge) => _routes =
    [
        .. edge.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(route => (route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
                .Select(method => (method, Split(route.RoutePattern.RawText!.Replace("{**", "{", StringComparison.Ordinal)))))
            .Where(route => route.Item2 is [_, ..] and not ["v1", "{path}"] and not [".provider", ..]),
        .. EndpointTable.NativePaths.Select(path => ("POST", Split(path))),
    ];

    /// <summary>The paths of the endpoints for callers, without aliases and without OpenAI's paths that the edge forwards to a provider.</summary>
    public IEnumerable<string> DataPlane => _routes.Where(route => route.Path is ["v1", ..] or ["health", ..] or ["api", "ai" or "memory", ..])
        .Select(route => "/" + string.Join('/', route.Path)).Distinct();

    /// <summary>The paths on a page, each with the method that is written before the path (null: none). Shell variables are replaced by their values.</summary>
    public static IEnumerable<(string? Method, string Path)> On(Page page)
    {
        var text = page.Text.Replace("{**", "{", StringComparison.Ordinal);
        foreach (var (name, value) in Variable().Matches(text).Select(match => (match.Groups[1].Value, match.Groups[2].Value)).Append(("API", "/api/projects")))
        {
            text = Regex.Replace(text, $@"\${name}(?=[/\s""?])", value);
        }

        return NamedPath().Matches(text).SelectMany(match => match.Groups["method"].Captures.Select(capture => (string?)capture.Value).DefaultIfEmpty()
            .Select(method => (method, match.Groups["path"].Value.TrimEnd('.', ','))));
    }

    /// <summary>True: an endpoint matches. A final <c>…</c> or <c>*</c> stands for any rest of a path. A leading <c>…</c> stands for any beginning.</summary>
    public bool Has(string? method, string path)
    {
        if (path.StartsWith('…'))
        {
            var end = Split(path[1..]);
            return _routes.Any(route => IsOf(route.Method, method) && route.Path.Length > end.Length && Fits(route.Path[^end.Length..], end, isComplete: true));
        }

        var below = path.EndsWith('…') || path.EndsWith('*');
        var named = Split(path.TrimEnd('…', '*'));
        if (named is ["openai", "deployments", "{model}", ..])
        {
            named = ["v1", .. named[3..]];
        }

        named = named is ["openai", "v1", ..] or ["api", "v1", ..] ? named[1..] : named;
        return named is ["v1"] or ["api"] or ["openai"]
            || _passed.Any(passed => $"/{string.Join('/', named)}/".StartsWith(passed + "/", StringComparison.OrdinalIgnoreCase))
            || (named is ["v1", ..] && _passed.Any(passed => passed.StartsWith($"/{string.Join('/', named)}/", StringComparison.OrdinalIgnoreCase)))
            || _routes.Any(route => (below || IsOf(route.Method, method)) && Fits(route.Path, named, isComplete: !below))
            || (method is null && _routes.Any(route => Fits(route.Path, named, isComplete: false)));
    }

    private static bool IsOf(string has, string? requested) => requested is null || has == requested;

    private bool Fits(string[] route, string[] named, bool isComplete)
    {
        if (isComplete ? route.Length != named.Length : route.Length < named.Length)
        {
            return false;
        }

        return named.Select((segment, index) => route[index] == segment
            || (route[index].StartsWith('{') && !segment.StartsWith('{') && (segment.AsSpan().ContainsAny('$', '…', '_') || !HasSibling(route, index)))).All(fits => fits);
    }

    // True: another route has a fixed segment at this place. Then a word there may be a misspelt segment and does not count as a parameter's value.
    private bool HasSibling(string[] route, int index) =>
        _routes.Any(other => other.Path.Length > index && !other.Path[index].StartsWith('{') && other.Path.AsSpan(0, index).SequenceEqual(route.AsSpan(0, index)));

    private static string[] Split(string path) => path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"\b([A-Z]+)=(?:http://localhost:8080|\$EDGE)(/[a-z/]+)")]
    private static partial Regex Variable();

    [GeneratedRegex("""(?:(?:\b(?<method>GET|POST|PUT|PATCH|DELETE)\b[`, ]{1,4})+|-X (?<method>[A-Z]+) "?)?(?<![\w.}/:-])(?:http://localhost:\d+|\$EDGE)?(?<path>(?:/(?:v1|api|openai|health)|…)(?:/[\w{}$*.…-]+)*)(?![\w/*])""")]
    private static partial Regex NamedPath();
}
