using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Admin;

/// <summary>The administration services, called without a request.</summary>
public sealed class ServicesTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private static readonly AuditActor Somebody = new("somebody", "203.0.113.9");

    private readonly ProjectEditor _projects = fixture.Edge.Services.GetRequiredService<ProjectEditor>();
    private readonly Changes _changes = fixture.Edge.Services.GetRequiredService<Changes>();

    [Fact]
    public async Task A_refusal_inside_a_change_rolls_back_the_whole_change()
    {
        var project = (await _projects.CreateAsync(Somebody, new("before"))).Value;
        var key = await fixture.Edge.Services.GetRequiredService<ApiKeyEditor>().CreateAsync(Somebody, project.Id, new() { Name = "k", KeyType = new(), Environment = new() });
        var rows = await CountAuditAsync();
        var refused = await Assert.ThrowsAsync<RefusedException>(() => _changes.MakeToProjectAsync<string>(Somebody, project.Id, async (database, row) =>
        {
            row.Name = "after";
            await database.SaveChangesAsync();
            await database.ApiKeys.Where(one => one.Id == key.Value.Id).ExecuteDeleteAsync();
            throw new RefusedException(EdgeError.Invalid("No.", "name"));
        }));

        Assert.Equal(("No.", "name"), (refused.Error.Message, refused.Error.Param));
        Assert.Equal("before", (await _projects.GetAsync(project.Id)).Value.Name);
        Assert.Equal(key.Value.Id, (await fixture.Edge.Services.GetRequiredService<ApiKeyEditor>().GetAsync(project.Id, key.Value.Id)).Value.Id);
        Assert.Equal(rows, await CountAuditAsync());
    }

    [Fact]
    public async Task A_form_does_not_overwrite_a_later_change()
    {
        var created = await _projects.CreateAsync(Somebody, new("shown"));
        var changed = await _projects.ChangeAsync(Somebody, created.Value.Id, new() { Name = "changed" }, Precondition.Tag(created.Tag));
        Assert.NotEqual(created.Tag, changed.Tag);
        var late = await Assert.ThrowsAsync<RefusedException>(() => _projects.ChangeAsync(Somebody, created.Value.Id, new() { Name = "late" }, Precondition.Tag(created.Tag)));
        Assert.Equal((412, ErrorKind.Conflict), (late.Error.Status, late.Error.Kind));
        Assert.Equal(changed.Tag, (await _projects.GetAsync(created.Value.Id)).Tag);

        foreach (var anything in (Precondition[])[Precondition.Anything, Precondition.Tag(null), Precondition.Tag("")])
        {
            await _projects.ChangeAsync(Somebody, created.Value.Id, new() { LogPayloads = true }, anything);
        }

        Assert.Equal(("changed", true), ((await _projects.GetAsync(created.Value.Id)).Value.Name, (await _projects.GetAsync(created.Value.Id)).Value.LogPayloads));
    }

    [Fact]
    public async Task The_audit_log_names_the_actor_that_the_service_got()
    {
        var created = await _projects.CreateAsync(Somebody, new("told"));
        await _projects.DeleteAsync(Somebody, created.Value.Id, Precondition.Anything);
        var reported = await fixture.Edge.ReadAsync(database => database.Audit.Where(row => row.ProjectId == created.Value.Id).OrderBy(row => row.Id).ToListAsync());
        Assert.Equal(["project.created", "project.deleted"], reported.Select(row => row.Action));
        Assert.All(reported, row => Assert.Equal((Somebody.Name, Somebody.Address), (row.Actor, row.Address)));
    }

    [Fact]
    public async Task A_project_is_found_by_its_slug_and_by_its_id()
    {
        var created = await _projects.CreateAsync(Somebody, new("Of many names"));
        Assert.Equal(created.Value.Id, (await _projects.GetBySlugAsync("of-many-names")).Id);
        Assert.Equal("Of many names", (await _projects.GetBySlugAsync(created.Value.Id)).Name);
        Assert.Equal(created.Tag, (await _projects.GetAsync(created.Value.Id)).Tag);
        foreach (var nobodys in (string[])["", "of-many", "Of many names", "of-many-names\0", "%", created.Value.Id + " "])
        {
            Assert.Equal(404, (await Assert.ThrowsAsync<RefusedException>(() => _projects.GetBySlugAsync(nobodys))).Error.Status);
        }
    }

    private Task<int> CountAuditAsync() => fixture.Edge.ReadAsync(database => database.Audit.CountAsync());
}
