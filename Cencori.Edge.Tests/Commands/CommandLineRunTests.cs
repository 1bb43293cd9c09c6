using Cencori.Edge.Tests.Startup;

namespace Cencori.Edge.Tests.Commands;

/// <summary>Help, version and wrong arguments start no server and leave nothing behind.</summary>
public class CommandLineRunTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--urls=http://127.0.0.1:0", "--help")]
    public async Task Help_is_printed(params string[] arguments)
    {
        var (code, output, errors) = await ProgramRun.ToEndAsync(arguments);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("--Admin:Token", output, StringComparison.Ordinal);
        Assert.DoesNotContain("listens", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("health")]
    [InlineData("verify")]
    [InlineData("backup")]
    [InlineData("restore")]
    [InlineData("migrate")]
    [InlineData("export")]
    [InlineData("apply")]
    public async Task Each_command_has_its_own_help_which_does_nothing_else(string command)
    {
        var (code, output, errors) = await ProgramRun.ToEndAsync(command, "--help");

        Assert.Equal((0, ""), (code, errors));
        Assert.StartsWith($"Cencori.Edge {command} ", output, StringComparison.Ordinal);
        Assert.Contains("Exit codes: 0 ", output, StringComparison.Ordinal);
        Assert.Contains($"\n  {command} ", (await ProgramRun.ToEndAsync("--help")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_printed()
    {
        var (code, output, errors) = await ProgramRun.ToEndAsync("--version");

        Assert.Equal((0, ""), (code, errors));
        Assert.Matches(@"^\d+\.\d+\.\d+$", output);
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("--prot=80")]
    [InlineData("health", "--prot=80")]
    [InlineData("backup")]
    [InlineData("backup", "file", "--Storage:DataDirctory=x")]
    [InlineData("restore", "a", "b")]
    [InlineData("apply", "--plan")]
    [InlineData("export", "--format", "xml")]
    public async Task Unknown_arguments_exit_with_2_and_one_line(params string[] arguments)
    {
        var (code, output, errors) = await ProgramRun.ToEndAsync(arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.DoesNotContain('\n', errors);
    }
}
