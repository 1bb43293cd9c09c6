using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>Creates a project and a key in an empty database, so that the edge can serve a request without any setup.</summary>
public sealed class FirstStart(Changes changes, TimeProvider time)
{
    // The created key. A start may fail after the key was stored and before it was shown; the next try then shows this key.
    private (string Id, string FullKey)? _created;

    /// <summary>Creates the project <c>default</c> with one test key if no project exists.</summary>
    /// <returns>The full key, which no other method returns. Null: a project exists already.</returns>
    public Task<string?> RunAsync() => changes.MakeAsync(AuditActor.Edge, FillAsync);

    private async Task<string?> FillAsync(EdgeDbContext database)
    {
        if ((await database.ReadTextAsync("""SELECT "Id" FROM "projects" LIMIT 1""")).Count > 0)
        {
            return _created is { } created && await database.ApiKeys.AnyAsync(row => row.Id == created.Id) ? created.FullKey : null;
        }

        var project = await ProjectEditor.NewProjectAsync(database, "default", time);
        var (record, fullKey) = ApiKeyEditor.NewKey(project.Id, "first key", KeyType.Secret, KeyEnvironment.Test, time);
        _created = (record.Id, fullKey);
        database.Projects.Add(project);
        database.ApiKeys.Add(record);
        return fullKey;
    }
}
