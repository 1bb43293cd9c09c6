using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Storage;

/// <summary>A database from before routes existed is migrated and can then store routes.</summary>
public sealed class RouteMigrationTests
{
    private const string Before = "SeveralCredentials";
    private const string Why = "The schema is migrated back and forth between two starts.";

    [Fact, Trait(SlowestTests.Trait, Why)]
    public async Task On_SQLite()
    {
        var directory = Directory.CreateTempSubdirectory("edge-routes-");
        await BringAlongAsync([], directory.FullName);
        RunDirectory.Delete(directory.FullName);
    }

    [PostgresFact, Trait(SlowestTests.Trait, Why)]
    public async Task On_PostgreSQL()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await BringAlongAsync(database.Settings, directory: null);
    }

    private static async Task BringAlongAsync(string[] settings, string? directory)
    {
        string project;
        await using (var edge = await RunningEdge.StartAsync(settings, dataDirectory: directory))
        {
            project = await edge.CreateProjectAsync("openai");
            await edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new { fast = "gpt-4o" } });
            await using var database = await DatabaseAsync(edge);
            await database.GetService<IMigrator>().MigrateAsync(Before);
        }

        await using (var edge = await RunningEdge.StartAsync(settings, dataDirectory: directory))
        {
            var projects = edge.Services.GetRequiredService<ProjectCache>();
            Assert.Empty((await projects.GetAsync(project))!.Routes);
            Assert.Equal("gpt-4o", (await projects.GetAsync(project))!.ModelAliases["fast"]);
            await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/chat", """{"groups":[{"targets":[{"model":"openai/gpt-4o"}]}]}""");
            Assert.Equal("chat", Assert.Single((await projects.GetAsync(project))!.Routes).Key);

            // A route that this version cannot read is skipped and logged; the others stay.
            await using var database = await DatabaseAsync(edge);
            database.Routes.Add(new RouteRecord { ProjectId = project, Name = "later", Document = """{"groups":[],"of_a_later_version":1}""", UpdatedAt = DateTimeOffset.UnixEpoch });
            await database.SaveChangesAsync();
            await projects.InvalidateAsync(project);
            Assert.Equal("chat", Assert.Single((await projects.GetAsync(project))!.Routes).Key);
            Assert.Contains(edge.Logs.Lines, line => line.Text.Contains("The route later", StringComparison.Ordinal));

            await edge.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{project}");
            Assert.False(await database.Routes.AnyAsync());
        }
    }

    private static Task<EdgeDbContext> DatabaseAsync(RunningEdge edge) => edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
}
