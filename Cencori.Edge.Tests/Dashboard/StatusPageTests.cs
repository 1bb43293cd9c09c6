using Cencori.Edge.Hosting;
using Cencori.Edge.Hosting.Status;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Tests.Hosting;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Dashboard;

public sealed class StatusPageTests
{
    [Fact]
    public async Task The_page_shows_health_settings_and_seals_without_secrets()
    {
        await using var edge = await RunningEdge.StartAsync(["Drain:TimeoutSeconds=7"]);
        using var client = await PageClient.SignedInAsync(edge);

        await HealthResponse.UntilAsync(edge.Http, "ready");
        await client.GetAsync("/dashboard/status");

        Assert.Equal("Status", client.Title);
        Assert.Contains("Everything works.", client.Text);
        Assert.Contains("this one", client.Text);
        Assert.Contains("SQLite", client.Text);
        Assert.Contains(edge.Services.GetRequiredService<SecretSealer>().SealKeyId, client.Text);
        var settings = client.Document.QuerySelectorAll("table:last-of-type tbody tr").ToDictionary(row => row.QuerySelector("code")?.TextContent ?? "", row => row.TextContent);
        Assert.Equal(KnownSettings.Names.Order(), settings.Keys.Where(name => name.Length > 0).Order());
        Assert.Contains("7", settings["Drain:TimeoutSeconds"]);
        Assert.Contains("default", settings["Usage:RecordRetentionDays"]);
        Assert.Contains("not shown", settings["Admin:Token"]);
        Assert.DoesNotContain(RunningEdge.AdminToken, client.Html);
    }

    [Fact]
    public void Only_settings_without_secrets_are_shown()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(KnownSettings.Names.Select(name => KeyValuePair.Create(name, (string?)"recognisable"))).Build();

        var hidden = EffectiveSettings.Of(configuration).Where(setting => setting.Value != "recognisable").ToList();

        Assert.Equal(["Admin:Token", "Dashboard:OpenIdConnect:ClientSecret", "Redis:Configuration", "Secrets:MasterKey", "Storage:ConnectionString"], hidden.Select(setting => setting.Name));
        Assert.All(hidden, setting => Assert.Equal("(set, not shown)", setting.Value));
    }

    [Theory]
    [InlineData("Dashboard:TokenSignIn", true)]
    [InlineData("Dashboard:Enabled", true)]
    [InlineData("Dashboard:OpenIdConnect:Scopes", "openid profile email")]
    [InlineData("Drain:TimeoutSeconds", 120)]
    [InlineData("Admin:Token", null)]
    public void The_default_of_a_setting_is_that_of_its_own_section(string name, object? value) => Assert.Equal(value, KnownSettings.DefaultOf(name));

    [Fact]
    public async Task Problems_are_explained_in_a_sentence()
    {
        Assert.Contains("disk is full", HealthText.Explain("storage", "full", null));
        Assert.Contains("Line 3 is not JSON.", HealthText.Explain("configuration", "refused", "Line 3 is not JSON."));
        Assert.Equal("odd", HealthText.Explain("another", "odd", null));

        await using var edge = await RunningEdge.StartAsync();
        using var client = await PageClient.SignedInAsync(edge);
        await using (var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync())
        {
            database.ProviderKeys.Add(new()
            {
                ProjectId = (await database.Projects.FirstAsync()).Id, Id = "cr_1", Provider = "openai", Environment = KeyEnvironment.Production, SealedKey = [1], SealKeyId = "feedbeef", Hint = "1234", CreatedAt = DateTimeOffset.UnixEpoch,
            });

            // Form keys that are encrypted with a missing master key are replaced automatically, so they cause no warning.
            database.RingKeys.Add(new() { Id = "another", SealedXml = [1], SealKeyId = "deadc0de" });
            await database.SaveChangesAsync();
        }

        await client.GetAsync("/dashboard/status");
        Assert.Contains("feedbeef", client.Text);
        Assert.Contains("this edge does not have that key", client.Text);
        Assert.DoesNotContain("deadc0de", client.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edges_on_one_database_see_each_other_until_they_stop()
    {
        var directory = Directory.CreateTempSubdirectory("edges-").FullName;
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        void Configure(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder)
        {
            RunningEdge.Join(builder);
            builder.Services.AddSingleton<TimeProvider>(clock);
        }

        await using (var edge = await RunningEdge.StartAsync(configure: Configure, dataDirectory: directory))
        {
            using var client = await PageClient.SignedInAsync(edge);
            await using (await RunningEdge.StartAsync(configure: Configure, dataDirectory: directory))
            {
                await EdgesAsync(client, 2, clock, EdgeHeartbeat.Interval);
            }

            // The stopped edge has deleted its row.
            await EdgesAsync(client, 1, clock, TimeSpan.Zero);
            await using (var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync())
            {
                database.Edges.Add(new() { Id = "killed", Host = "<b>host</b>", Version = "1", StartedAt = clock.GetUtcNow(), SeenAt = clock.GetUtcNow() - TimeSpan.FromMinutes(2) });
                await database.SaveChangesAsync();
            }

            await EdgesAsync(client, 2, clock, TimeSpan.Zero);
            Assert.Contains("silent", client.Text);
            Assert.Contains("<b>host</b>", client.Text);
            clock.Advance(EdgeHeartbeat.Lifetime);
            await EdgesAsync(client, 1, clock, EdgeHeartbeat.Interval);

            // The row stays, because that edge's clock may just be behind.
            Assert.True(await IsKeptAsync());
            await Eventually.IsTrueAsync(async () =>
            {
                clock.Advance(TimeSpan.FromHours(12));
                return !await IsKeptAsync();
            });

            async Task<bool> IsKeptAsync() => await edge.ReadAsync(database => database.Edges.AnyAsync(row => row.Id == "killed"));
        }

        RunDirectory.Delete(directory);
    }

    private static Task EdgesAsync(PageClient client, int count, FakeTimeProvider clock, TimeSpan step) => Eventually.IsTrueAsync(async () =>
    {
        await client.GetAsync("/dashboard/status");
        var seen = client.Document.QuerySelectorAll("#health table tbody tr").Length;
        if (seen != count)
        {
            clock.Advance(step);
        }

        return seen == count;
    });
}
