namespace Cencori.Edge.Tests.Infrastructure.Clients;

/// <summary>A fact that needs a browser; without one it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = Missing;

    /// <param name="directory">Directory of the <c>package.json</c>, below the test project.</param>
    /// <param name="package">The npm package that the page loads, which must be installed there.</param>
    public ChromiumFactAttribute(string directory, string package) => Skip = Missing ?? new NodeFactAttribute(directory, package).Skip;

    internal static string? Missing => Chromium.Program is null ? "chromium is not on the PATH (Debian's package: chromium), nor named in CHROMIUM." : null;
}

/// <summary>A theory that needs a browser; without one it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumTheoryAttribute : TheoryAttribute
{
    public ChromiumTheoryAttribute() => Skip = ChromiumFactAttribute.Missing;
}
