using System.Net;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>Pages while other pages use up the edge's limit of concurrent reads.</summary>
public sealed class BusyPagesTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    [Fact]
    public async Task Each_page_shows_what_it_can_read_and_says_what_is_missing()
    {
        var project = $"/dashboard/p/{(string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scene.ProjectId}"))["project"]!["slug"]!}";
        var key = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scene.ProjectId}/api-keys"))["apiKeys"]![0]!["id"]!;
        using var chat = await scene.ChatAsync();
        using var space = await scene.Edge.PostAsync(await scene.Edge.CreateKeyAsync(scene.ProjectId), "/api/memory/namespaces", new { name = "notes" });
        (string Path, string Said)[] parts =
        [
            (project, "The database is busy, so today's numbers are missing."),
            ($"{project}/keys/{key}", "The database is busy, so these numbers are missing."),
            ($"{project}/providers", "The database is busy, so the providers' state is unknown at the moment."),
            ($"{project}/budget", "The database is busy: the forecast, the largest spenders, or other budgets are missing."),
            ($"{project}/limits", "The database is busy."),
            ($"{project}/memory", "The database is busy, so the entries per day are missing."),
        ];
        string[] whole = [$"{project}/usage", $"{project}/usage?format=json", $"{project}/logs", $"{project}/logs/{key}", $"{project}/logs-export"];
        var clients = await Task.WhenAll(parts.Select(part => part.Path).Concat(whole).Select(_ => PageClient.SignedInAsync(scene.Edge)));
        var ends = new TaskCompletionSource();
        var readers = Enumerable.Range(0, ReadDatabase.AtOnce).Select(_ => scene.Edge.Services.GetRequiredService<ReadDatabase>().ReadAsync(async _ =>
        {
            await ends.Task;
            return 0;
        }, CancellationToken.None, Timeout.InfiniteTimeSpan)).ToList();
        try
        {
            await Task.WhenAll(parts.Select((part, index) => clients[index].GetAsync(part.Path)).Concat(whole.Select((path, index) => clients[parts.Length + index].GetAsync(path))));
        }
        finally
        {
            ends.SetResult();
            await Task.WhenAll(readers);
        }

        foreach (var (client, (path, said)) in clients.Zip(parts))
        {
            Assert.True(client.Response.IsSuccessStatusCode, $"{path}: {client.Response.StatusCode}");
            Assert.Contains(said, client.Text, StringComparison.Ordinal);
        }

        // The page says nothing about data that it could not read.
        Assert.DoesNotContain("no traffic", clients[2].Text, StringComparison.Ordinal);
        Assert.Contains("not known", clients[2].Text, StringComparison.Ordinal);
        Assert.Contains("…mnop", clients[2].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("A forecast needs", clients[3].Text, StringComparison.Ordinal);
        foreach (var client in clients.Skip(parts.Length))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, client.Response.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), client.Response.Headers.RetryAfter!.Delta);
            Assert.Contains("The edge has reached its limit of database reads at the moment.", client.Html, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", client.Html, StringComparison.Ordinal);
            Assert.Null(client.Response.Content.Headers.ContentDisposition);
        }

        var page = clients[parts.Length];
        Assert.Equal("Not available at the moment", page.Title);
        Assert.Contains("Try again, or ask for a shorter period.", page.Text, StringComparison.Ordinal);
        Assert.NotEmpty(page.Document.QuerySelectorAll("[data-copy]"));
        await page.GetAsync(page.Document.QuerySelector("main a.primary")!.GetAttribute("href")!);
        Assert.Equal("Usage", page.Title);
        foreach (var client in clients)
        {
            client.Dispose();
        }
    }

    [Fact]
    public async Task The_API_answers_busy_with_a_time_to_wait()
    {
        var ends = new TaskCompletionSource();
        var readers = Enumerable.Range(0, ReadDatabase.AtOnce).Select(_ => scene.Edge.Services.GetRequiredService<ReadDatabase>().ReadAsync(async _ =>
        {
            await ends.Task;
            return 0;
        }, CancellationToken.None, Timeout.InfiniteTimeSpan)).ToList();
        using var response = await scene.Edge.Admin.GetAsync(new Uri(scene.Edge.Address, $"/api/projects/{scene.ProjectId}/logs"));
        ends.SetResult();
        await Task.WhenAll(readers);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
        Assert.Contains("limit of database reads", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
