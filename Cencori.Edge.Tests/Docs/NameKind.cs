using System.Reflection;
using System.Text.RegularExpressions;
using Cencori.Edge.Errors;
using Cencori.Edge.Hosting;
using Cencori.Edge.Tests.Architecture;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Tests.Docs;

/// <summary>One kind of name, such as settings. Finds the names of this kind on documentation pages, and checks them against the code.</summary>
internal sealed partial class NameKind(Func<Page, IEnumerable<string>> named, Func<string, bool> exists, IEnumerable<string> required)
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    // Configuration sections of ASP.NET Core and YARP. The edge does not check the settings in them.
    private static readonly string[] OtherSections = ["Kestrel", "Logging", "ReverseProxy"];

    // Names of other programs.
    private static readonly string[] OtherVariables = ["SSL_CERT_FILE", "SSL_CERT_DIR"], OtherFiles = ["appsettings.json"], OtherTypes = ["WebApplicationFactory"];

    private static readonly HashSet<string> Metrics = [.. FolderTests.SourceTexts.SelectMany(text => MetricLiteral().Matches(text)).Select(match => match.Groups[1].Value)];
    private static readonly HashSet<string> Codes = [.. ErrorKind.All.Select(kind => kind.Code)];
    private static readonly HashSet<string> FileNames = [.. Page.Files.Select(file => Path.GetFileName(file)).Concat(OtherFiles)];
    private static readonly Lazy<HashSet<string>> Identifiers = new(() =>
    [
        .. IdentifiersOf(typeof(Program), typeof(NameKind), typeof(IHttpForwarder), typeof(HttpContext), typeof(HttpRequestRewindExtensions), typeof(HttpRequestError), typeof(HeaderNames)),
        .. OtherTypes,
    ]);

    // Names of environment variables have the same form as error codes. This set has the names in scripts, in the program and in its tests.
    private static readonly Lazy<HashSet<string>> Variables = new(() =>
    [
        .. Page.Files.Where(file => !file.EndsWith(".md", StringComparison.Ordinal) && Path.GetFileName(Path.GetDirectoryName(file)) != "Docs" && new FileInfo(file).Length < 1 << 20)
            .SelectMany(file => Upper().Matches(File.ReadAllText(file))).Select(match => match.Value),
        .. OtherVariables,
    ]);

    /// <summary>Settings: <c>Section:Key</c>, or <c>Section__Key</c> as an environment variable.</summary>
    public static NameKind Settings { get; } = new(
        page => In(page.Code, Setting()).Select(name => name.Replace("__", ":", StringComparison.Ordinal)),
        name => KnownSettings.Names.Contains(name) || OtherSections.Contains(KnownSettings.RootOf(name)),
        KnownSettings.Names.Where(name => name.Contains(':', StringComparison.Ordinal)));

    /// <summary>Metrics that the edge reports. OpenTelemetry defines some of their names.</summary>
    public static NameKind Instruments { get; } = new(page => In(page.Code, Metric()), Metrics.Contains, Metrics);

    /// <summary>Error codes.</summary>
    public static NameKind ErrorCodes { get; } = new(
        page => In(page.Code, Upper()).Concat(CodeBehindStatus().Matches(page.Text).Select(match => match.Groups[1].Value)),
        name => Codes.Contains(name) || (name.Contains('_', StringComparison.Ordinal) && Variables.Value.Contains(name)),
        Codes);

    /// <summary>Files of the repository, by path or by name.</summary>
    public static NameKind RepositoryFiles { get; } = new(
        page => FilePath().Matches(page.Text).Select(match => match.Value).Concat(page.Spans.Where(span => FileName().IsMatch(span))),
        name => name.Contains('/', StringComparison.Ordinal) ? Path.Exists(Path.Combine(Page.Root, name)) : FileNames.Contains(name),
        []);

    /// <summary>Types and members of the edge and of the frameworks that it uses.</summary>
    public static NameKind Types { get; } = new(
        page => page.Spans.Where(span => Identifier().IsMatch(span)).Select(span => Arguments().Replace(span, "")).Concat(TestClass().Matches(page.Prose).Select(match => match.Value)),
        name => name.Split('.').All(Identifiers.Value.Contains),
        []);

    /// <summary>Headers whose names begin with <c>X-</c>.</summary>
    /// <param name="ours">The headers that callers can send or receive. Each must be on a page.</param>
    public static NameKind Headers(IReadOnlyCollection<string> ours)
    {
        var all = FolderTests.SourceTexts.SelectMany(text => HeaderLiteral().Matches(text)).Select(match => match.Groups[1].Value).Concat(ours).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new(page => In(page.Code, Header()), all.Contains, all.Where(name => ours.Contains(name) || name.StartsWith("x-cencori-", StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>The names on a page that do not exist.</summary>
    public IEnumerable<string> Unknown(Page page) => named(page).Where(name => !exists(name)).Distinct().Select(name => $"{page.Name}: {name}");

    /// <summary>The required names that are on none of the pages.</summary>
    public IEnumerable<string> Missing(IEnumerable<Page> pages) => required.Except(pages.SelectMany(named).Concat(pages.SelectMany(page => page.Spans)), StringComparer.OrdinalIgnoreCase);

    /// <summary>The number of names of this kind on a page.</summary>
    public int Count(Page page) => named(page).Count();

    private static IEnumerable<string> In(IEnumerable<string> code, Regex pattern) => code.SelectMany(text => pattern.Matches(text)).Select(match => match.Value);

    // Types, their members, and the parts of their namespaces.
    private static IEnumerable<string> IdentifiersOf(params Type[] oneOfEachAssembly) => oneOfEachAssembly.SelectMany(type => type.Assembly.GetTypes())
        .SelectMany(type => type.GetMembers(Declared).Select(member => member.Name).Append(type.Name).Concat((type.Namespace ?? "").Split('.'))).Select(name => name.Split('`')[0]);

    [GeneratedRegex(@"(?<![\w:.])[A-Z][A-Za-z]+(?:(?::|__)[A-Za-z]+)+")]
    private static partial Regex Setting();

    [GeneratedRegex(@"\b(?:cencori\.edge|gen_ai\.server|gen_ai\.client)\.[a-z_.]*[a-z]")]
    private static partial Regex Metric();

    [GeneratedRegex("\"((?:cencori\\.edge|gen_ai\\.server|gen_ai\\.client)\\.[a-z_.]+)\"")]
    private static partial Regex MetricLiteral();

    [GeneratedRegex(@"\b[A-Z]+[0-9]*(?:_[A-Z0-9]+)+\b")]
    private static partial Regex Upper();

    [GeneratedRegex(@"\b[45]\d\d(?: \|)? `([A-Z][A-Z_]+)`")]
    private static partial Regex CodeBehindStatus();

    [GeneratedRegex(@"(?<![\w/.$-])(?:Cencori\.Edge(?:\.Tests)?|bench|docs|\.ci)/[\w.\-/]*\w")]
    private static partial Regex FilePath();

    [GeneratedRegex(@"^[\w.-]+\.(?:cs|razor|js|mjs|lua|json|yaml|props|txt|md|sln)$")]
    private static partial Regex FileName();

    [GeneratedRegex(@"^I?[A-Z][a-z]\w+(?:\.[A-Z]\w+)*(?:<\w+>)?(?:\([\w, ]*\))?$")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"[<(].*$")]
    private static partial Regex Arguments();

    [GeneratedRegex(@"(?<![\w/.])[A-Z]\w+(?:Tests|Properties|Contract)\b(?!\.)")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"(?<![\w/-])[xX]-[A-Za-z-]*[A-Za-z](?![\w-])")]
    private static partial Regex Header();

    [GeneratedRegex("\"(x-[a-z-]+[a-z])\"", RegexOptions.IgnoreCase)]
    private static partial Regex HeaderLiteral();
}
