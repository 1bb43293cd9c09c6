using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
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
        await using (var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync())
        {
            await database.ProviderKeys.Where(row => row.ProjectId == from).ExecuteUpdateAsync(row => row.SetProperty(moved => moved.ProjectId, to));
        }

        await edge.Services.GetRequiredService<ProjectCache>().InvalidateAsync(to);
        var refusal = await edge.PostAsync(key, "/v1/chat/completions", new { model = "gpt-4o", messages = Array.Empty<object>() }).ErrorAsync();

        Assert.Equal((400, "PROVIDER_NOT_CONFIGURED"), (refusal.Status, refusal.Code));
        Assert.Contains(edge.Logs.Lines, line => line is { Level: LogLevel.Error, EventName: "CannotOpenCredential" });
        Assert.DoesNotContain(edge.Logs.Lines, line => line.Text.Contains(RunningEdge.ProviderKey, StringComparison.Ordinal));
    }
}
