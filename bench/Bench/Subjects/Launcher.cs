using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Cencori.Edge.Bench.Subjects;

/// <summary>
/// Starts programs, all on loopback. Each .NET program runs in its build directory, as in the Docker image, and stores data elsewhere:
/// a host watches its whole working directory for changed settings and would notice each database write there.
/// </summary>
internal sealed class Launcher(Run run)
{
    private const int Provider = 18200;
    private const long Unlimited = 100_000_000;

    private readonly string _adminToken = Convert.ToHexString(RandomNumberGenerator.GetBytes(24));

    /// <summary>The provider's URL.</summary>
    public static string ProviderUrl => $"http://127.0.0.1:{Provider}";

    /// <summary>Fails early, before minutes of building.</summary>
    /// <exception cref="BenchException">Another benchmark is running.</exception>
    public static void RefuseOther() => RefuseTaken(Provider);

    /// <summary>Starts the provider on the load's cores.</summary>
    public async Task<Subject> StartProviderAsync()
    {
        RefuseTaken(Provider);
        var child = DotNet("provider", "Provider", "Provider", run.Cores.OfOthers, [$"--urls={ProviderUrl}"]);
        return await ReadyAsync(new("mock alone", [Provider], [child]), "/count", hasProbe: true);
    }

    public async Task<Subject> StartBareAsync(int port)
    {
        RefuseTaken(port);
        Child Start(int on) => DotNet($"bare-{on}", "BareYarp", "BareYarp", run.Cores.OfSubject, [$"--urls=http://127.0.0.1:{on}", $"--Provider={ProviderUrl}"]);
        return await ReadyAsync(new(Names.Bare, [port], [Start(port)]) { Again = Start }, "/count", hasProbe: true);
    }

    /// <param name="name">The subject's name, and that of its data directory. Subjects with the same name share the directory.</param>
    /// <param name="build">The build to start.</param>
    /// <param name="port">The port to listen on.</param>
    /// <param name="settings">Settings in addition to the common ones.</param>
    public async Task<Subject> StartEdgeAsync(string name, string build, int port, params string[] settings)
    {
        RefuseTaken(port);
        var data = Path.Combine(run.Directory, "data", string.Concat(name.Where(char.IsLetterOrDigit)));
        Child Start(int on, string directory) => DotNet(
            $"edge-{on}", build, "Cencori.Edge", run.Cores.OfSubject,
            [$"--urls=http://127.0.0.1:{on}", $"--Storage:DataDirectory={directory}", $"--Admin:Token={_adminToken}", $"--ReverseProxy:Clusters:openai:Destinations:default:Address={ProviderUrl}", .. settings]);
        return await ReadyAsync(new(name, [port], [Start(port, data)]) { Again = on => Start(on, CopyOf(data)), Api = new(port, _adminToken) }, "/v1/health", hasProbe: true);
    }

    // Only one edge can use a data directory, and the first edge still runs.
    private static string CopyOf(string data)
    {
        var copy = Directory.CreateDirectory(data + "-again").FullName;
        foreach (var file in Directory.GetFiles(data, "edge.db*").Append(Path.Combine(data, "master.key")))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)), overwrite: true);
        }

        return copy;
    }

    public async Task<Subject> StartOtherAsync(string name, int port, string log, string path, string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        RefuseTaken(port);
        return await ReadyAsync(new(name, [port], [Child.Start(run, log, run.Cores.OfSubject, run.Directory, file, arguments, environment)]), path, hasProbe: false);
    }

    public void StartRedis(int port)
    {
        RefuseTaken(port);
        Child.Start(run, "redis", run.Cores.OfOthers, run.Directory, "redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    }

    public static async Task<Subject> WithKeyAsync(Subject subject) => subject with { Key = await subject.Api!.CreateKeyAsync(Unlimited) };

    private Child DotNet(string log, string build, string program, string? cores, IEnumerable<string> arguments) =>
        Child.Start(run, log, cores, run.Build(build), "dotnet", [Path.Combine(run.Build(build), program + ".dll"), .. arguments]);

    private async Task<Subject> ReadyAsync(Subject subject, string path, bool hasProbe)
    {
        using var client = new HttpClient();
        for (var tries = 0; tries < 600 && !subject.Children[0].HasExited; tries++)
        {
            try
            {
                using var response = await client.GetAsync($"http://127.0.0.1:{subject.Ports[0]}{path}");
                if (response.StatusCode < HttpStatusCode.InternalServerError)
                {
                    if (hasProbe)
                    {
                        subject.Children[0].AttachProbe(run);
                    }

                    return subject;
                }
            }
            catch (HttpRequestException)
            {
            }

            await Task.Delay(50);
        }

        throw new BenchException($"{subject.Name} does not answer on port {subject.Ports[0]}; see the logs in {run.Directory} (--keep).");
    }

    // Otherwise two runs would measure each other.
    private static void RefuseTaken(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
        catch (SocketException)
        {
            throw new BenchException($"Port {port} is taken; is another benchmark running?");
        }
    }
}
