using Cencori.Edge.Projects;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Redis;

/// <summary>A route that is changed at one edge is used by the other.</summary>
public sealed class SharedRoutesTests(TwoEdges edges) : IClassFixture<TwoEdges>
{
    [RedisFact]
    public async Task A_change_at_one_edge_is_known_at_the_other()
    {
        var (project, _) = await edges.CreateAsync(new { });
        var path = $"/api/projects/{project}/routes/chat";
        async Task<string?> ModelAsync() =>
            (await edges.B.Services.GetRequiredService<ProjectCache>().GetAsync(project))!.Routes.GetValueOrDefault("chat")?.Groups[0].Targets[0].Model;

        // It holds the project as it is without one.
        Assert.Null(await ModelAsync());
        foreach (var model in (string[])["gpt-4o", "o3"])
        {
            await edges.A.SendAdminAsync(HttpMethod.Put, path, new { groups = new[] { new { targets = new[] { new { model = "openai/" + model } } } } });
            await Eventually.IsTrueAsync(async () => await ModelAsync() == model, TimeSpan.FromSeconds(10));
        }

        await edges.A.SendAdminAsync(HttpMethod.Delete, path);
        await Eventually.IsTrueAsync(async () => await ModelAsync() is null, TimeSpan.FromSeconds(10));
    }
}
