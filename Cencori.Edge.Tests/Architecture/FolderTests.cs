using System.Text.RegularExpressions;

namespace Cencori.Edge.Tests.Architecture;

/// <summary>The folder structure of the source.</summary>
public sealed partial class FolderTests
{
    /// <summary>A folder uses only folders before it in this order. Files at the root compose everything and may use all folders.</summary>
    private static readonly string[] Order =
    [
        "Telemetry", "Errors", "Storage", "Redis", "Settings", "Egress", "Files", "Endpoints", "Models", "Policies", "Projects", "Keys", "RateLimiting", "Streams", "Bodies", "Metering", "Pricing", "Dialects",
        "Records", "Budgets", "Owners", "Metrics", "Verification", "Providers", "WebSockets", "Exchanges", "Agents", "Prompts", "Screening", "Memory", "Routing", "Admin", "Dashboard", "Hosting", "Commands",
    ];

    internal static readonly string Root = FindRoot();

    private static readonly string[] Sources = SourcesBelow(Root);

    internal static string[] TestSources { get; } = SourcesBelow(Root + ".Tests");

    internal static IEnumerable<string> SourceTexts => Sources.Select(File.ReadAllText);

    [Fact]
    public void Every_folder_has_its_place_in_the_order() =>
        Assert.Empty(Sources.Select(Folder).Where(folder => folder is not null).Distinct().Except(Order));

    [Fact]
    public void A_folder_uses_only_folders_above_it()
    {
        var uses = Sources.Where(file => Folder(file) is not null).SelectMany(file =>
            FoldersNamedIn(File.ReadAllText(file))
                .Where(used => Array.IndexOf(Order, used) > Array.IndexOf(Order, Folder(file)))
                .Select(used => $"{Path.GetRelativePath(Root, file)} uses {used}"));

        Assert.Empty(uses);
    }

    [Fact]
    public void The_scan_sees_directives_full_names_and_relative_names() => Assert.Equal(
        ["Admin", "Hosting", "Keys", "Metering", "Routing"],
        FoldersNamedIn("""
            using Cencori.Edge.Keys; // and not Cencori.Edge.Errors
            using static Cencori.Edge.Routing.RequestScanner;
            using Alias = global::Cencori.Edge.Metering.Meter;
            /// <see cref="Cencori.Edge.Projects.ProjectCache"/>
            var token = new Cencori.Edge.Admin.AdminToken() + "Storage.This is text";
            throw new Hosting.Unhealthy();
            """).Order());

    [Fact]
    public void Every_namespace_is_the_files_folder()
    {
        var astray = Sources.Where(file => Folder(file) is not null && !IsGenerated(file)).Where(file =>
            Namespace().Match(File.ReadAllText(file)).Groups[1].Value
            != "Cencori.Edge." + Path.GetRelativePath(Root, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.'));

        Assert.Empty(astray);
    }

    [Fact]
    public void No_file_that_people_write_is_over_250_lines() =>
        Assert.DoesNotContain(Sources, file => !IsGenerated(file) && File.ReadLines(file).Count() > 250);

    [Fact]
    public void No_folder_has_more_than_25_files_that_people_write() =>
        Assert.Empty(Directory.EnumerateFiles(Root, "*.razor", SearchOption.AllDirectories).Concat(Sources).Concat(TestSources)
            .Where(file => !IsGenerated(file)).GroupBy(file => Path.GetDirectoryName(file)!)
            .Where(folder => folder.Count() > 25).Select(folder => $"{Path.GetRelativePath(Root, folder.Key)} has {folder.Count()} files"));

    private static string[] SourcesBelow(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*.cs", SearchOption.AllDirectories).Where(file => !Below(file, "obj") && !Below(file, "bin") && !Below(file, "node_modules"))];

    private static IEnumerable<string> FoldersNamedIn(string source)
    {
        var code = CommentOrText().Replace(source, " ");
        return Reference().Matches(code).Select(match => match.Groups[1].Value).Where(Order.Contains).Distinct();
    }

    private static string? Folder(string file)
    {
        var parts = Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar);
        return parts.Length > 1 ? parts[0] : null;
    }

    private static bool IsGenerated(string file) => Below(file, "Migrations") || Below(file, "Compiled");

    private static bool Below(string file, string directory) =>
        Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar).SkipLast(1).Contains(directory);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Cencori.Edge.sln")))
            {
                return Path.Combine(directory.FullName, "Cencori.Edge");
            }
        }

        throw new DirectoryNotFoundException($"No directory above '{AppContext.BaseDirectory}' contains Cencori.Edge.sln.");
    }

    // Matches a full name, or a folder's name at the start of a dotted name, which the compiler resolves below Cencori.Edge.
    [GeneratedRegex(@"(?:Cencori\.Edge\.|(?<![\w.]))([A-Z]\w+)(?=\s*[.;])")]
    private static partial Regex Reference();

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*" """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentOrText();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
