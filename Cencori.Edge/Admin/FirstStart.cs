using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>Fills an empty database, so that the edge answers a first request before anybody has set anything up.</summary>
public sealed class FirstStart(Changes changes, TimeProvider time)
{
    // A start may fail after this was stored, and be tried again; it has not been shown then.
    private (string Id, string FullKey)? _made;

    /// <summary>Makes the project <c>default</c> with one test key where there is no project at all.</summary>
    /// <returns>The key, shown now or never; null when there was something already.</returns>
    public Task<string?> RunAsync() => changes.MakeAsync(AuditActor.Edge, FillAsync);

    private async Task<string?> FillAsync(EdgeDbContext database)
    {
        if ((await database.ReadTextAsync("""SELECT "Id" FROM "projects" LIMIT 1""")).Count > 0)
        {
            return _made is { } made && await database.ApiKeys.AnyAsync(row => row.Id == made.Id) ? made.FullKey : null;
        }

        var project = await ProjectEditor.NewProjectAsync(database, "default", time);
        var (record, fullKey) = ApiKeyEditor.NewKey(project.Id, "first key", KeyType.Secret, KeyEnvironment.Test, time);
        _made = (record.Id, fullKey);
        database.Projects.Add(project);
        database.ApiKeys.Add(record);
        return fullKey;
    }
}
