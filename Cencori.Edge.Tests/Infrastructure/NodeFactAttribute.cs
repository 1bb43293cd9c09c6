using System.ComponentModel;
using System.Diagnostics;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>A fact that needs node and an npm package; where one is missing the run shows it as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    /// <param name="directory">Of the <c>package.json</c>, below the test project.</param>
    /// <param name="package">Which must be installed there.</param>
    public NodeFactAttribute(string directory, string package)
    {
        Directory = directory;
        Package = package;
        Skip = Missing();
    }

    public string Directory { get; }

    public string Package { get; }

    /// <summary>A directory of the test project's sources, found from where the tests were built.</summary>
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

        throw new DirectoryNotFoundException($"There is no '{directory}' above {AppContext.BaseDirectory}.");
    }

    private string? Missing()
    {
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", "--version") { RedirectStandardOutput = true })!;
            node.WaitForExit();
        }
        catch (Win32Exception)
        {
            return "node is not on the PATH.";
        }

        var source = SourceDirectory(Directory);
        return System.IO.Directory.Exists(Path.Combine(source, "node_modules", Package))
            ? null
            : $"The npm package '{Package}' is not installed: npm install --no-package-lock --prefix {source}";
    }
}
