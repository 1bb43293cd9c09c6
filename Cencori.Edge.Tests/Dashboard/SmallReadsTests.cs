using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>A project can have megabytes of prices and aliases. Pages that do not show them must not read them.</summary>
public sealed class SmallReadsTests
{
    [Fact]
    public async Task Finding_a_project_does_not_read_its_prices_and_aliases()
    {
        var database = new CommandCounter();
        await using var edge = await RunningEdge.StartAsync(configure: database.Watch);
        using var client = await PageClient.SignedInAsync(edge);
        foreach (var path in (string[])["/dashboard", "/dashboard/p/default/keys", "/dashboard/p/default/agents", "/dashboard/p/default/prompts", "/dashboard/palette?q=default", "/dashboard/audit", "/dashboard/members", "/dashboard/invitations/new"])
        {
            await client.GetAsync(path);
            database.Texts.Clear();
            await client.GetAsync(path);
            Assert.True(client.Response.IsSuccessStatusCode, path);
            Assert.All(database.Texts, text => Assert.DoesNotContain("\"Prices\"", text, StringComparison.Ordinal));
            Assert.All(database.Texts, text => Assert.DoesNotContain("\"ModelAliases\"", text, StringComparison.Ordinal));
            Assert.NotEmpty(database.Texts);
        }

        database.Texts.Clear();
        await edge.SendAdminAsync(HttpMethod.Get, "/api/projects");
        Assert.All(database.Texts, text => Assert.DoesNotContain("\"Prices\"", text, StringComparison.Ordinal));
    }
}
