using System.Text.RegularExpressions;
using Cencori.Edge.Tests.Architecture;

namespace Cencori.Edge.Tests.Docs;

/// <summary>One Markdown page of the repository.</summary>
/// <param name="Name">The path of the page, relative to the root of the repository.</param>
/// <param name="Text">The whole text of the page.</param>
public sealed partial record Page(string Name, string Text)
{
    private static readonly string[] NotOurs = [".git", "bin", "obj", "node_modules", "data"];

    public static string Root { get; } = Path.GetDirectoryName(FolderTests.Root)!;

    /// <summary>README, CHANGELOG, CONTRIBUTING, SECURITY, and everything below docs.</summary>
    public static IReadOnlyList<Page> All { get; } =
    [
        .. Directory.EnumerateFiles(Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(file => new Page(Path.GetRelativePath(Root, file).Replace('\\', '/'), File.ReadAllText(file))),
    ];

    /// <summary>All files of the repository, except those that a build or a run creates.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. FilesBelow(Root)];

    /// <summary>Code blocks and code spans.</summary>
    public IReadOnlyList<string> Code => [.. Fence().Matches(Text).Concat(Span().Matches(Prose)).Select(match => match.Groups[1].Value)];

    /// <summary>Code spans.</summary>
    public IReadOnlyList<string> Spans => [.. Span().Matches(Prose).Select(match => match.Groups[1].Value)];

    /// <summary>The text without code blocks.</summary>
    public string Prose => Fence().Replace(Text, "\n");

    /// <summary>The targets of the page's links and pictures.</summary>
    public IEnumerable<string> Links => Link().Matches(Span().Replace(Prose, "`")).Select(match => match.Groups[1].Value);

    /// <summary>The anchors that GitHub creates for the page's headings.</summary>
    public IReadOnlyList<string> Anchors =>
    [
        .. Heading().Matches(Prose).Select(match => NotInAnchor().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))
            .GroupBy(anchor => anchor).SelectMany(same => same.Select((anchor, number) => number == 0 ? anchor : $"{anchor}-{number}")),
    ];

    private static IEnumerable<string> FilesBelow(string directory) => Directory.EnumerateFiles(directory)
        .Concat(Directory.EnumerateDirectories(directory).Where(below => !NotOurs.Contains(Path.GetFileName(below))).SelectMany(FilesBelow));

    [GeneratedRegex("^ *```[^\n]*\n(.*?)^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Span();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
