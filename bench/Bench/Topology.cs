using System.Net;
using System.Security.Cryptography;

namespace Cencori.Edge.Bench;

/// <summary>Starts what is measured, all of it on loopback.</summary>
internal sealed class Topology(Run run)
{
    private const int Provider = 18200, Nginx = 18201, Bare = 18202, Memory = 18203, Shared = 18204, First = 18205, Second = 18206, Unmetered = 18207, Portkey = 18208, RedisPort = 18210;
    private const long Unlimited = 1_000_000_000;

    private readonly string _adminToken = Convert.ToHexString(RandomNumberGenerator.GetBytes(24));

    /// <summary>Where a provider is expected.</summary>
    public static string ProviderUrl => $"http://127.0.0.1:{Provider}";

    public async Task BuildAsync()
    {
        foreach (var project in (string[])["bench/Probe", "bench/Provider", "bench/BareYarp", "Cencori.Edge"])
        {
            Run.Say($"building {project} …");
            await run.PublishAsync(project);
        }
    }

    public async Task<IReadOnlyList<Subject>> StartAsync()
    {
        var none = new Dictionary<string, string>();
        var subjects = new List<Subject>();
        var provider = DotNet("Provider", "Provider", [$"--urls={ProviderUrl}"]);
        subjects.Add(new("mock alone", [Provider], [provider], none));
        await AnswersAsync(Provider, provider, "/count");

        if (Run.Has("nginx"))
        {
            subjects.Add(new("nginx", [Nginx], await StartNginxAsync(), none));
        }

        var bare = DotNet("bare", "BareYarp", [$"--urls=http://127.0.0.1:{Bare}", $"--Provider={ProviderUrl}"]);
        await AnswersAsync(Bare, bare, "/count");
        subjects.Add(new(Names.Bare, [Bare], [bare], none));

        subjects.Add(await WithKeyAsync(await StartEdgeAsync(Names.Memory, Memory)));
        subjects.Add(await WithKeyAsync(await StartEdgeAsync(Names.Unmetered, Unmetered, "--Usage:Metering=false")));

        if (Run.Has("redis-server"))
        {
            _ = Child.Start(run, "redis", "redis-server", ["--port", $"{RedisPort}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
            var redis = $"--Redis:Configuration=127.0.0.1:{RedisPort}";
            subjects.Add(await WithKeyAsync(await StartEdgeAsync(Names.Redis, Shared, redis) with { Redis = RedisPort }));

            // On one data directory, as two edges on one database.
            var first = await StartEdgeAsync(Names.TwoEdges, First, redis);
            var second = await StartEdgeAsync(Names.TwoEdges, Second, redis);
            subjects.Add(await WithKeyAsync(first with { Ports = [First, Second], Children = [.. first.Children, .. second.Children], Redis = RedisPort }));
        }

        if (await StartPortkeyAsync() is { } portkey)
        {
            subjects.Add(portkey);
        }

        return subjects;
    }

    /// <summary>From starting a process to its first whole answer through the provider.</summary>
    public async Task<double> MeasureStartAsync(string name, bool isEdge, string? key, string data)
    {
        const int port = 18209;
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        using var child = isEdge ? Edge(name, port, data) : DotNet(name, "BareYarp", [$"--urls=http://127.0.0.1:{port}", $"--Provider={ProviderUrl}"]);
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/v1/chat/completions") { Content = new ByteArrayContent(Bodies.Small) };
                request.Content.Headers.ContentType = new("application/json");
                request.Headers.Authorization = new("Bearer", key ?? "none");
                using var answer = await client.SendAsync(request);
                _ = await answer.Content.ReadAsByteArrayAsync();
                if (answer.IsSuccessStatusCode)
                {
                    return System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds;
                }
            }
            catch (HttpRequestException)
            {
            }

            if (child.HasExited)
            {
                throw new BenchException($"{name} did not start:\n{await File.ReadAllTextAsync(run.Log(name))}");
            }

            await Task.Delay(2);
        }
    }

    /// <summary>The data directory of an edge, by the name of its subject.</summary>
    public string Data(string name) => Path.Combine(run.Directory, "data-" + name.Replace(' ', '-').Replace(",", "", StringComparison.Ordinal));

    private static async Task<Subject> WithKeyAsync(Subject subject) => subject with { Key = await subject.Api!.CreateKeyAsync(Unlimited) };

    private async Task<Subject> StartEdgeAsync(string name, int port, params string[] settings)
    {
        var child = Edge($"edge-{port}", port, Data(name), settings);
        await AnswersAsync(port, child, "/v1/health");
        return new(name, [port], [child], new Dictionary<string, string>()) { Api = new(port, _adminToken) };
    }

    private Child Edge(string log, int port, string data, params string[] settings) => DotNet(
        log, "Cencori.Edge",
        [$"--urls=http://127.0.0.1:{port}", $"--Storage:DataDirectory={data}", $"--Admin:Token={_adminToken}", $"--ReverseProxy:Clusters:openai:Destinations:default:Address={ProviderUrl}", .. settings]);

    private Child DotNet(string log, string project, IEnumerable<string> arguments) => Child.Start(
        run, log, "dotnet", [Path.Combine(run.Directory, project, project + ".dll"), .. arguments], hasProbe: true);

    private async Task<Child[]> StartNginxAsync()
    {
        var file = Path.Combine(run.Directory, "nginx.conf");
        await File.WriteAllTextAsync(file, $$"""
            worker_processes {{Environment.ProcessorCount}};
            daemon off;
            pid {{run.Directory}}/nginx.pid;
            error_log stderr warn;
            worker_rlimit_nofile 20000;
            events { worker_connections 16000; }
            http {
              access_log off;
              keepalive_requests 1000000000;
              client_body_temp_path {{run.Directory}}/nginx-body;
              client_max_body_size 64m;
              client_body_buffer_size 2m;
              upstream provider { server 127.0.0.1:{{Provider}}; keepalive 1024; keepalive_requests 1000000000; }
              server {
                listen 127.0.0.1:{{Nginx}};
                location / {
                  proxy_pass http://provider;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_buffering off;
                  proxy_read_timeout 600s;
                }
              }
            }
            """);
        var master = Child.Start(run, "nginx", "/usr/sbin/nginx", ["-c", file, "-p", run.Directory]);
        await AnswersAsync(Nginx, master, "/count");
        return [master, .. master.Descendants()];
    }

    private async Task<Subject?> StartPortkeyAsync()
    {
        if (!Run.Has("node") || !Run.Has("npm"))
        {
            return null;
        }

        Run.Say("installing Portkey's gateway …");
        try
        {
            await run.RunAsync("npm", "install", "--no-audit", "--no-fund", "--prefix", Path.Combine(run.Directory, "portkey"), "@portkey-ai/gateway@1.15.2");
        }
        catch (BenchException exception)
        {
            Run.Say($"without Portkey: {exception.Message.Split('\n')[0]}");
            return null;
        }

        var child = Child.Start(
            run, "portkey", "node", [Path.Combine(run.Directory, "portkey", "node_modules", "@portkey-ai", "gateway", "build", "start-server.js"), "--headless", $"--port={Portkey}"],
            new Dictionary<string, string> { ["NODE_OPTIONS"] = "--require " + Path.Combine(run.Root, "bench", "portkey", "loopback.cjs"), ["NODE_ENV"] = "production" });
        await AnswersAsync(Portkey, child, "/");
        return new(Names.Portkey, [Portkey], [child], new Dictionary<string, string> { ["x-portkey-provider"] = "openai", ["x-portkey-custom-host"] = ProviderUrl + "/v1" });
    }

    private async Task AnswersAsync(int port, Child child, string path)
    {
        using var client = new HttpClient();
        for (var tries = 0; tries < 600 && !child.HasExited; tries++)
        {
            try
            {
                using var answer = await client.GetAsync($"http://127.0.0.1:{port}{path}");
                if (answer.StatusCode < HttpStatusCode.InternalServerError)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
            }

            await Task.Delay(50);
        }

        throw new BenchException($"Nothing answers on port {port}; see the logs in {run.Directory} (--keep).");
    }
}
