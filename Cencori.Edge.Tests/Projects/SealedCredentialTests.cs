using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Projects;

public class SealedCredentialTests
{
    [Fact]
    public async Task A_credential_moved_to_another_project_does_not_open_there()
    {
        await using var edge = await RunningEdge.StartAsync();
        var (from, to) = (await edge.CreateProjectAsync("openai"), await edge.CreateProjectAsync());
        var key = await edge.CreateKeyAsync(to);
        await using (var database = await DatabaseAsync(edge))
        {
            await database.ProviderKeys.Where(row => row.ProjectId == from).ExecuteUpdateAsync(row => row.SetProperty(moved => moved.ProjectId, to));
        }

        await edge.Services.GetRequiredService<ProjectCache>().InvalidateAsync(to);
        var refusal = await edge.PostAsync(key, "/v1/chat/completions", new { model = "gpt-4o", messages = Array.Empty<object>() }).ErrorAsync();

        Assert.Equal((400, "PROVIDER_NOT_CONFIGURED"), (refusal.Status, refusal.Code));
        Assert.Contains(edge.Logs.Lines, line => line is { Level: LogLevel.Error, EventName: "CannotOpenCredential" });
        Assert.DoesNotContain(edge.Logs.Lines, line => line.Text.Contains(RunningEdge.ProviderKey, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_credentials_of_one_owner_do_not_open_when_they_are_exchanged()
    {
        await using var edge = await RunningEdge.StartAsync();
        var project = await edge.CreateProjectAsync("openai");
        await AddAsync(edge, project, "second", sealer => (row => sealer.Seal("sk-second", CredentialSeals.OwnerOf(row))));
        Assert.Equal([RunningEdge.ProviderKey, "sk-second"], await SecretsAsync(edge, project));

        await using (var database = await DatabaseAsync(edge))
        {
            var rows = await database.ProviderKeys.Where(row => row.ProjectId == project).ToListAsync();
            (rows[0].SealedKey, rows[1].SealedKey) = (rows[1].SealedKey, rows[0].SealedKey);
            await database.SaveChangesAsync();
        }

        Assert.Equal([null, null], await SecretsAsync(edge, project));
    }

    [Fact]
    public async Task The_old_seal_format_opens_neither_at_a_running_edge_nor_at_a_start()
    {
        var directory = Directory.CreateTempSubdirectory("edge-form-");
        string project;
        await using (var edge = await RunningEdge.StartAsync(dataDirectory: directory.FullName))
        {
            project = await edge.CreateProjectAsync("openai");
            await AddAsync(edge, project, "old", sealer => (row => sealer.Seal("sk-old", $"{project}|openai|Production")));
            Assert.Equal([RunningEdge.ProviderKey, null], await SecretsAsync(edge, project));
        }

        await using (var edge = await RunningEdge.StartAsync(dataDirectory: directory.FullName))
        {
            Assert.Equal([RunningEdge.ProviderKey, null], await SecretsAsync(edge, project));
        }

        RunDirectory.Delete(directory.FullName);
    }

    [Fact]
    public async Task The_start_that_migrates_a_database_reseals_the_old_format()
    {
        var directory = Directory.CreateTempSubdirectory("edge-form-");
        string project;
        await using (var edge = await RunningEdge.StartAsync(dataDirectory: directory.FullName))
        {
            project = await edge.CreateProjectAsync("openai");
            await AddAsync(edge, project, "broken", _ => (_ => [1, 2, 3]));
            await AddAsync(edge, project, "old", sealer => (row => sealer.Seal("sk-old", $"{project}|openai|Production")));

            // Sets up the state of a database directly after the migration.
            await using var database = await DatabaseAsync(edge);
            database.Settings.Add(new() { Name = CredentialSeals.SettingName, Value = "" });
            await database.SaveChangesAsync();
        }

        await using (var edge = await RunningEdge.StartAsync(dataDirectory: directory.FullName))
        {
            Assert.Equal([RunningEdge.ProviderKey, null, "sk-old"], await SecretsAsync(edge, project));
            await using var database = await DatabaseAsync(edge);
            Assert.False(await database.Settings.AnyAsync(setting => setting.Name == CredentialSeals.SettingName));
            var old = await database.ProviderKeys.SingleAsync(row => row.Name == "old");
            Assert.Equal("sk-old", edge.Services.GetRequiredService<SecretSealer>().Open(old.SealedKey, old.SealKeyId, CredentialSeals.OwnerOf(old)));
        }

        RunDirectory.Delete(directory.FullName);
    }

    private static async Task AddAsync(RunningEdge edge, string project, string name, Func<SecretSealer, Func<ProviderKeyRecord, byte[]>> seal)
    {
        var sealer = edge.Services.GetRequiredService<SecretSealer>();
        await using var database = await DatabaseAsync(edge);
        var row = new ProviderKeyRecord
        {
            ProjectId = project, Id = "cr_" + name, Name = name, Provider = "openai", Environment = KeyEnvironment.Production,
            SealedKey = [], SealKeyId = sealer.SealKeyId, Hint = "", CreatedAt = DateTimeOffset.UnixEpoch,
        };
        row.SealedKey = seal(sealer)(row);
        database.ProviderKeys.Add(row);
        await database.SaveChangesAsync();
    }

    private static async Task<IEnumerable<string?>> SecretsAsync(RunningEdge edge, string project)
    {
        var cache = edge.Services.GetRequiredService<ProjectCache>();
        await cache.InvalidateAsync(project);
        return (await cache.GetAsync(project))!.CredentialsOf("openai", KeyEnvironment.Production).Select(one => one.Secret);
    }

    private static Task<EdgeDbContext> DatabaseAsync(RunningEdge edge) => edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
}
