using Cencori.Edge.Hosting;

namespace Cencori.Edge.Commands;

/// <summary><c>Cencori.Edge health</c>: checks whether the edge responds. For container images that have neither a shell nor curl.</summary>
internal static class HealthCommand
{
    public static Command Command { get; } = new(
        "health", "[--urls=…]", "checks whether the edge on this machine responds",
        """
        Calls the edge on this machine at the address of --urls (or ASPNETCORE_URLS, or http://localhost:8080) and checks that it responds.

        Exit codes: 0 it responds; 1 it does not; 2 the command line is wrong.
        """,
        static arguments => HealthProbe.RunAsync(arguments.Configuration));
}
