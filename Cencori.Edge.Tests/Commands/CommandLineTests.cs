using Cencori.Edge.Commands;

namespace Cencori.Edge.Tests.Commands;

public class CommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--urls=http://localhost:1 --Admin:Token=x")]
    [InlineData("--urls http://localhost:1 --Admin:Token x")]
    [InlineData("/urls=http://localhost:1 Admin:Token=x --ADMIN:TOKEN=y")]
    [InlineData("health --urls=http://localhost:1 --http_ports=1")]
    [InlineData("verify --project x")]
    [InlineData("backup /tmp/file --Storage:DataDirectory=x Secrets:MasterKey=y")]
    [InlineData("backup --Storage:DataDirectory x file")]
    [InlineData("--ReverseProxy:Clusters:openai:Metadata:Models=x --Logging:LogLevel:Default=Debug --hostBuilder:reloadConfigOnChange=false")]
    [InlineData("--OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317 --environment Production --contentRoot=/tmp")]
    [InlineData("--Limits:Max=1")] // reported later, with the settings
    public void Known_arguments_are_accepted(string arguments) => Assert.Null(Fault(arguments));

    [Theory]
    [InlineData("start", "no command 'start'")]
    [InlineData("helth", "Did you mean 'health'?")]
    [InlineData("verfy --project x", "Did you mean 'verify'?")]
    [InlineData("--prot=80", "no switch '--prot'")]
    [InlineData("--url=http://localhost:1", "Did you mean 'urls'?")]
    [InlineData("--AdminToken=recognisable", "Did you mean 'Admin:Token'?")]
    [InlineData("--Limts:MaxRequestBodyBytes=1", "Did you mean 'Limits:MaxRequestBodyBytes'?")]
    [InlineData("-v", "no switch '-v'")]
    [InlineData("-v=recognisable", "no switch '-v'")]
    [InlineData("--urls=http://localhost:1 extra", "no command 'extra'")]
    [InlineData("health --prot=80", "no option '--prot'")]
    [InlineData("health extra", "health does not take the argument 'extra'")]
    [InlineData("verify --projct x", "Did you mean 'project'?")]
    [InlineData("verify --project", "--project needs a value")]
    [InlineData("backup", "backup needs a file")]
    [InlineData("backup --Storage:DataDirectory=x", "backup needs a file")]
    [InlineData("backup a b", "backup does not take the argument 'b'")]
    [InlineData("backup a --Storage:DataDirectory", "--Storage:DataDirectory needs a value")]
    [InlineData("--urls", "--urls needs a value")]
    [InlineData("--verbose", "no switch '--verbose'")]
    [InlineData("--", "no switch '--'")]
    public void Unknown_arguments_are_reported(string arguments, string reported)
    {
        Assert.Contains(reported, Fault(arguments), StringComparison.Ordinal);
        Assert.DoesNotContain("recognisable", Fault(arguments), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_is_a_switch_of_the_edge_and_of_its_commands()
    {
        foreach (var name in Cencori.Edge.Hosting.KnownSettings.Names)
        {
            Assert.Null(Fault($"--{name}=x"));
            Assert.Null(Fault($"backup file --{name} x"));
        }
    }

    private static string? Fault(string line)
    {
        var arguments = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (Cencori.Edge.Commands.CommandLine.Commands.FirstOrDefault(command => arguments is [var first, ..] && first == command.Name) is not { } command)
        {
            return Switches.Fault(arguments);
        }

        try
        {
            CommandArguments.Parse(command, arguments.AsSpan(1));
            return null;
        }
        catch (CommandException exception)
        {
            return exception.Message;
        }
    }
}
