namespace Cencori.Edge.Bench.Subjects;

/// <summary>All subjects of a run, each on its own port.</summary>
internal sealed class Topology(Run run)
{
    private const int Nginx = 18201, Bare = 18202, Memory = 18203, Shared = 18204, First = 18205, Second = 18206, Unmetered = 18207, Portkey = 18208, RedisPort = 18210;
    private const string Edge = "Cencori.Edge", OfCommit = "Cencori.Edge of the commit";

    /// <summary>The working tree's edge in several configurations, bare YARP, and other proxies.</summary>
    public async Task<IReadOnlyList<Subject>> StartAllAsync()
    {
        Launcher.RefuseOther();
        await BuildAsync();
        var portkey = await Subjects.Portkey.InstallAsync(run);
        await run.Cores.LeaveSubjectAloneAsync(run);

        var launcher = new Launcher(run);
        var subjects = new List<Subject> { await launcher.StartProviderAsync() };
        if (Run.Has("nginx"))
        {
            subjects.Add(await Subjects.Nginx.StartAsync(run, launcher, Nginx));
        }

        subjects.Add(await launcher.StartBareAsync(Bare));
        subjects.Add(await Launcher.WithKeyAsync(await launcher.StartEdgeAsync(Names.Memory, Edge, Memory)));
        subjects.Add(await Launcher.WithKeyAsync(await launcher.StartEdgeAsync(Names.Unmetered, Edge, Unmetered, "--Usage:Metering=false")));
        if (Run.Has("redis-server"))
        {
            launcher.StartRedis(RedisPort);
            var redis = $"--Redis:Configuration=127.0.0.1:{RedisPort}";
            subjects.Add(await Launcher.WithKeyAsync(await launcher.StartEdgeAsync(Names.Redis, Edge, Shared, redis) with { Redis = RedisPort }));

            // Both on one data directory, like two edges on one database.
            var first = await launcher.StartEdgeAsync(Names.TwoEdges, Edge, First, redis);
            var second = await launcher.StartEdgeAsync(Names.TwoEdges, Edge, Second, redis);
            subjects.Add(await Launcher.WithKeyAsync(first with { Ports = [First, Second], Children = [.. first.Children, .. second.Children], Redis = RedisPort }));
        }

        if (portkey is not null)
        {
            subjects.Add(await Subjects.Portkey.StartAsync(run, launcher, portkey, Portkey));
        }

        return subjects;
    }

    /// <summary>The edges of a commit and of the working tree, with default settings, and the working tree's bare YARP.</summary>
    public async Task<IReadOnlyList<Subject>> StartBesideAsync(CommitTree tree)
    {
        Launcher.RefuseOther();
        await run.PublishAsync(tree.Directory, "Cencori.Edge", OfCommit);
        await BuildAsync();
        await run.Cores.LeaveSubjectAloneAsync(run);

        var launcher = new Launcher(run);
        _ = await launcher.StartProviderAsync();
        return
        [
            await launcher.StartBareAsync(Bare),
            await Launcher.WithKeyAsync(await launcher.StartEdgeAsync(tree.Commit, OfCommit, Shared)),
            await Launcher.WithKeyAsync(await launcher.StartEdgeAsync(Names.WorkingTree, Edge, Memory)),
        ];
    }

    private async Task BuildAsync()
    {
        foreach (var project in (string[])["bench/Probe", "bench/Provider", "bench/BareYarp", Edge])
        {
            await run.PublishAsync(run.Root, project, Path.GetFileName(project));
        }
    }
}
