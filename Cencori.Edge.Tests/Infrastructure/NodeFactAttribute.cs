using System.ComponentModel;
using System.Diagnostics;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>A fact that needs node and an npm package; if one is missing or too old it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    // From the README of openai 6.49.0; its package.json has no "engines".
    private const int OldestNode = 20;

    /// <param name="directory">Directory of the <c>package.json</c>, below the test project.</param>
    /// <param name="package">The package that must be installed there.</param>
    public NodeFactAttribute(string directory, string package)
    {
        Directory = directory;
        Package = package;
        Skip = Missing(directory, package);
    }

    public string Directory { get; }

    public string Package { get; }

    /// <summary>A source directory of the test project, searched upwards from the directory of the built tests.</summary>
    public static string SourceDirectory(string directory)
    {
        for (var parent = new DirectoryInfo(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
        {
            var candidate = Path.Combine(parent.FullName, directory);
            if (File.Exists(Path.Combine(candidate, "package.json")))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException($"'{directory}' does not exist above {AppContext.BaseDirectory}.");
    }

    internal static string? Missing(string directory, string package)
    {
        string version;
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", "--version") { RedirectStandardOutput = true })!;
            version = node.StandardOutput.ReadToEnd().Trim();
            node.WaitForExit();
        }
        catch (Win32Exception)
        {
            return "node is not on the PATH.";
        }

        if (!Version.TryParse(version.TrimStart('v'), out var found) || found.Major < OldestNode)
        {
            return $"node is '{version}', and {OldestNode} is the oldest that the package '{package}' supports.";
        }

        var source = SourceDirectory(directory);
        return System.IO.Directory.Exists(Path.Combine(source, "node_modules", package))
            ? null
            : $"The npm package '{package}' is not installed: npm install --no-package-lock --prefix {source}";
    }
}

/// <inheritdoc cref="NodeFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeTheoryAttribute : TheoryAttribute
{
    /// <inheritdoc cref="NodeFactAttribute(string, string)"/>
    public NodeTheoryAttribute(string directory, string package)
    {
        (Directory, Package) = (directory, package);
        Skip = NodeFactAttribute.Missing(directory, package);
    }

    public string Directory { get; }

    public string Package { get; }
}
