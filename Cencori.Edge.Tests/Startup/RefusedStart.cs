using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Startup;

/// <summary>An edge that must not start: standard error has one line that names the setting, and no output shows its value.</summary>
public static class RefusedStart
{
    /// <summary>Part of every secret in these tests.</summary>
    public const string Secret = "recognisable";

    /// <summary>Starts a process in this directory, whose files it reads.</summary>
    /// <returns>The error line.</returns>
    public static async Task<string> OfProcessAsync(string workingDirectory, string named, params string[] arguments)
    {
        // The last value of an option wins.
        await using var edge = EdgeProcess.Start(workingDirectory, ["--urls=http://127.0.0.1:0", .. arguments]);
        var code = await edge.EndedAsync();
        return Check(named, code, edge.Output, edge.Errors);
    }

    /// <summary>Starts an edge with only these settings and the data directory <c>data</c> below this directory.</summary>
    /// <returns>The error line.</returns>
    public static async Task<string> AssertAsync(string directory, string named, params string[] arguments)
    {
        var (code, output, errors) = await ProgramRun.ToEndAsync([$"--Storage:DataDirectory={Path.Combine(directory, "data")}", "--urls=http://127.0.0.1:0", .. arguments]);
        return Check(named, code, output, errors);
    }

    private static string Check(string named, int code, string output, string errors)
    {
        Assert.True(code is > 0 and < 128, $"Exit code {code}. {output} {errors}");
        Assert.DoesNotContain('\n', errors);
        Assert.Contains(named, errors, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, errors + output, StringComparison.Ordinal);
        Assert.DoesNotMatch("fail:|crit:|warn:", output);
        Assert.DoesNotMatch("csk_|cadm_", errors);
        return errors;
    }
}
