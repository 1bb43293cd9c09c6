using System.Diagnostics.CodeAnalysis;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Keys;

/// <summary>Finds the caller of a key. A cached key needs no database access.</summary>
public sealed class CallerLookup(KeyCache keys, ProjectCache projects, TimeProvider time)
{
    /// <summary>Returns no caller if the key or its project does not exist, or the key is not valid now.</summary>
    public ValueTask<FoundCaller> FindAsync(KeyHash hash)
    {
        var finding = keys.GetAsync(hash);
        if (!finding.IsCompletedSuccessfully)
        {
            return FindSlowlyAsync(finding);
        }

        var key = finding.Result;
        if (!IsValid(key))
        {
            return new(new FoundCaller(null, key));
        }

        var project = projects.GetAsync(key.ProjectId);
        return project.IsCompletedSuccessfully ? new(Join(key, project.Result)) : JoinAsync(key, project);
    }

    private async ValueTask<FoundCaller> FindSlowlyAsync(ValueTask<ApiKey?> finding)
    {
        var key = await finding;
        return IsValid(key) ? Join(key, await projects.GetAsync(key.ProjectId)) : new(null, key);
    }

    private static async ValueTask<FoundCaller> JoinAsync(ApiKey key, ValueTask<ProjectSnapshot?> project) => Join(key, await project);

    private static FoundCaller Join(ApiKey key, ProjectSnapshot? project) => new(project is null ? null : new Caller(key, project), null);

    private bool IsValid([NotNullWhen(true)] ApiKey? key) => key?.IsValidAt(time.GetUtcNow()) == true;
}

/// <summary>The result of a key lookup.</summary>
/// <param name="Caller">The caller. Null: no valid caller.</param>
/// <param name="InvalidKey">A known key that is revoked or expired. Null: none.</param>
public readonly record struct FoundCaller(Caller? Caller, ApiKey? InvalidKey);
