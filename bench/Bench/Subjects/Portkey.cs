namespace Cencori.Edge.Bench.Subjects;

/// <summary>Portkey's open-source gateway, from npm.</summary>
internal static class Portkey
{
    /// <returns>Null: it cannot be installed.</returns>
    public static async Task<string?> InstallAsync(Run run)
    {
        if (!Run.Has("node") || !Run.Has("npm"))
        {
            return null;
        }

        Run.Say("installing Portkey's gateway …");
        var directory = run.Build("portkey");
        try
        {
            await run.RunAsync("npm", "install", "--no-audit", "--no-fund", "--prefix", directory, "@portkey-ai/gateway@1.15.2");
            return Path.Combine(directory, "node_modules", "@portkey-ai", "gateway", "build", "start-server.js");
        }
        catch (BenchException exception)
        {
            Run.Say($"without Portkey: {exception.Message.Split('\n')[0]}");
            return null;
        }
    }

    public static async Task<Subject> StartAsync(Run run, Launcher launcher, string script, int port)
    {
        var subject = await launcher.StartOtherAsync(
            Names.Portkey, port, "portkey", "/", "node", [script, "--headless", $"--port={port}"],
            new Dictionary<string, string> { ["NODE_OPTIONS"] = "--require " + Path.Combine(run.Root, "bench", "portkey", "loopback.cjs"), ["NODE_ENV"] = "production" });
        return subject with { Headers = new Dictionary<string, string> { ["x-portkey-provider"] = "openai", ["x-portkey-custom-host"] = Launcher.ProviderUrl + "/v1" } };
    }
}
