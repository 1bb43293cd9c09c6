using Cencori.Edge.Hosting;

namespace Cencori.Edge.Commands;

/// <summary><c>Cencori.Edge health</c>: for container images that have neither a shell nor curl.</summary>
internal static class HealthCommand
{
    public static Command Command { get; } = new(
        "health", "[--urls=…]", "asks the edge on this machine whether it answers",
        """
        Asks the edge that listens on this machine, at the address of --urls (or ASPNETCORE_URLS, or http://localhost:8080), whether it answers.

        Exit codes: 0 it does; 1 it does not; 2 the command line is wrong.
        """,
        static arguments => HealthProbe.RunAsync(arguments.Configuration));
}
