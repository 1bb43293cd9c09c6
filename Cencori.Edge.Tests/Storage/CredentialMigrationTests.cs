using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Storage;

/// <summary>Credentials from the time of one credential per project and provider are migrated, with their schema.</summary>
public sealed class CredentialMigrationTests
{
    private const string Before = "UsageDays";
    private const string Why = "The schema is migrated back and forth between two starts.";

    [Fact, Trait(SlowestTests.Trait, Why)]
    public async Task On_SQLite()
    {
        var directory = Directory.CreateTempSubdirectory("edge-credentials-");
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
            project = await edge.CreateProjectAsync("openai", "groq");
            await edge.StoreProviderKeyAsync(project, "openai", "test");
            await edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = "sk-1", name = "backup" });
            var sealer = edge.Services.GetRequiredService<SecretSealer>();
            await using var database = await DatabaseAsync(edge);
            foreach (var row in await database.ProviderKeys.ToListAsync())
            {
                row.SealedKey = sealer.Seal($"sk-{row.Provider}-{row.Environment}", $"{project}|{row.Provider}|{row.Environment}");
            }

            await database.SaveChangesAsync();
            await database.GetService<IMigrator>().MigrateAsync(Before);
        }

        await using (var edge = await RunningEdge.StartAsync(settings, dataDirectory: directory))
        {
            var snapshot = (await edge.Services.GetRequiredService<ProjectCache>().GetAsync(project))!;
            Assert.Equal(
                ["sk-groq-Production", "sk-openai-Production", "sk-openai-Test"],
                snapshot.Credentials.Select(one => one.Secret).Order(StringComparer.Ordinal));
            Assert.All(snapshot.Credentials, one => Assert.Equal(("default", 1, 0, null), (one.Name, one.Weight, one.Rank, one.Models)));
            Assert.All(snapshot.Credentials, one => Assert.Matches("^cr_[0-9a-f]{32}$", one.Id));
            Assert.Equal(3, snapshot.Credentials.Select(one => one.Id).Distinct().Count());

            // Migrated credentials have ids, and further credentials can be added.
            var path = $"/api/projects/{project}/provider-keys";
            await edge.SendAdminAsync(HttpMethod.Patch, $"{path}/{snapshot.Credentials[0].Id}", new { weight = 2 });
            await edge.SendAdminAsync(HttpMethod.Post, path, new { provider = "openai", apiKey = "sk-2", name = "backup" });
            await using var database = await DatabaseAsync(edge);
            Assert.Equal(4, await database.ProviderKeys.CountAsync());
            Assert.False(await database.Settings.AnyAsync(setting => setting.Name == CredentialSeals.SettingName));
        }
    }

    private static Task<EdgeDbContext> DatabaseAsync(RunningEdge edge) => edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
}
