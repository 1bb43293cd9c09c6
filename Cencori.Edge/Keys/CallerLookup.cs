using System.Diagnostics.CodeAnalysis;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Keys;

/// <summary>Who a key makes of whoever shows it. A warm key touches no database.</summary>
public sealed class CallerLookup(KeyCache keys, ProjectCache projects, TimeProvider time)
{
    /// <summary>Null where there is no such key or project, or the key is not valid now.</summary>
    public ValueTask<Caller?> FindAsync(KeyHash hash)
    {
        var finding = keys.GetAsync(hash);
        if (!finding.IsCompletedSuccessfully)
        {
            return FindSlowlyAsync(finding);
        }

        var key = finding.Result;
        if (!IsValid(key))
        {
            return new((Caller?)null);
        }

        var project = projects.GetAsync(key.ProjectId);
        return project.IsCompletedSuccessfully ? new(Join(key, project.Result)) : JoinAsync(key, project);
    }

    private async ValueTask<Caller?> FindSlowlyAsync(ValueTask<ApiKey?> finding)
    {
        var key = await finding;
        return IsValid(key) ? Join(key, await projects.GetAsync(key.ProjectId)) : null;
    }

    private static async ValueTask<Caller?> JoinAsync(ApiKey key, ValueTask<ProjectSnapshot?> project) => Join(key, await project);

    private static Caller? Join(ApiKey key, ProjectSnapshot? project) => project is null ? null : new Caller(key, project);

    private bool IsValid([NotNullWhen(true)] ApiKey? key) => key?.IsValidAt(time.GetUtcNow()) == true;
}
