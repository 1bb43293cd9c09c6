using System.Diagnostics;

namespace Cencori.Edge.Bench.Subjects;

/// <summary>A worktree with the sources of a commit, deleted at the end of the run.</summary>
internal sealed class CommitTree : IDisposable
{
    private readonly string _root;

    private CommitTree(string root, string directory, string commit)
    {
        _root = root;
        Directory = directory;
        Commit = commit;
    }

    public string Directory { get; }

    /// <summary>The commit's short hash.</summary>
    public string Commit { get; }

    public static async Task<CommitTree> CheckOutAsync(Run run, string commit)
    {
        string hash;
        try
        {
            hash = (await run.RunAsync("git", "rev-parse", "--verify", "--short", "--end-of-options", commit + "^{commit}")).Trim();
        }
        catch (BenchException exception)
        {
            throw new BenchException($"There is no commit '{commit}': {exception.Message.Trim().Split('\n')[^1]}");
        }

        // Registered with the run before it exists, so that an interrupt in between leaves nothing behind.
        var tree = run.Own(new CommitTree(run.Root, Path.Combine(run.Directory, "source"), hash));
        await run.RunAsync("git", "worktree", "add", "--detach", tree.Directory, hash);
        return tree;
    }

    public void Dispose()
    {
        // git keeps a directory in which a killed build still writes, so it is deleted first. When the worktree was not added yet, git fails, which is fine.
        Run.Delete(Directory);
        using var removal = Process.Start(new ProcessStartInfo("git", ["worktree", "remove", "--force", Directory]) { WorkingDirectory = _root, RedirectStandardError = true })!;
        _ = removal.StandardError.ReadToEnd();
        removal.WaitForExit();
    }
}
