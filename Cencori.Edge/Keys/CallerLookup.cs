using System.Diagnostics.CodeAnalysis;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Keys;

/// <summary>Who a key makes of whoever shows it. A warm key touches no database.</summary>
public sealed class CallerLookup(KeyCache keys, ProjectCache projects, TimeProvider time)
{
    /// <summary>Nobody where there is no such key or project, or the key is not valid now.</summary>
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

/// <summary>Who shows a key.</summary>
/// <param name="Caller">Null: nobody who may do anything.</param>
/// <param name="InvalidKey">A key that is known, and revoked or expired.</param>
public readonly record struct FoundCaller(Caller? Caller, ApiKey? InvalidKey);
