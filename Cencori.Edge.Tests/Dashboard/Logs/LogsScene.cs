using AngleSharp.Dom;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Dashboard.Logs;

/// <summary>Requests of a project, and the pages that show them.</summary>
public abstract class LogsScene(RespondingEdge openai) : IClassFixture<RespondingEdge>
{
    private protected RespondingEdge Openai => openai;

    private protected static List<IElement> Rows(PageClient client) => [.. client.Document.QuerySelectorAll("[data-row]")];

    private protected static List<string> Ids(PageClient client) => [.. client.Document.QuerySelectorAll("[data-row] th a").Select(a =>
    {
        var path = a.GetAttribute("href")!.Split('?')[0];
        return Uri.UnescapeDataString(path[(path.IndexOf("/logs/", StringComparison.Ordinal) + "/logs/".Length)..]);
    })];

    private protected static string? ShownId(PageClient client) => client.Document.QuerySelector("[data-request] [data-copy]")?.GetAttribute("data-copy");

    // Pages flush pending records at most once per second, so this method flushes them itself.
    private protected async Task WriteAsync(params RequestRecord[] records)
    {
        foreach (var record in records)
        {
            openai.Edge.Records().Write(record);
        }

        await openai.Edge.StoredAsync();
    }

    private protected Task<PageClient> SignInAsync() => PageClient.SignedInAsync(openai.Edge);

    private protected async Task<string> NewProjectAsync() => (await openai.CreateAsync(new { })).ProjectId;
}
