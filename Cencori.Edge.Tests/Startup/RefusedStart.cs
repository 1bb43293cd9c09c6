using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.Startup;

/// <summary>An edge that must not start: one line on standard error names the setting, and nothing shows a value of it.</summary>
public static class RefusedStart
{
    /// <summary>In every secret that these tests configure.</summary>
    public const string Secret = "recognisable";

    /// <returns>The line.</returns>
    public static async Task<string> AssertAsync(string workingDirectory, string named, params string[] arguments)
    {
        // The one given last wins.
        await using var edge = EdgeProcess.Start(workingDirectory, ["--urls=http://127.0.0.1:0", .. arguments]);
        var code = await edge.EndedAsync();

        Assert.True(code is > 0 and < 128, $"Exit code {code}. {edge.Output} {edge.Errors}");
        Assert.DoesNotContain('\n', edge.Errors);
        Assert.Contains(named, edge.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", edge.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, edge.Errors + edge.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch("fail:|crit:|warn:", edge.Output);
        Assert.DoesNotMatch("csk_|cadm_", edge.Errors);
        return edge.Errors;
    }
}
