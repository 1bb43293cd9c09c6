using System.Net;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Memory;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Memory;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Tests.Dashboard.Projects;

/// <summary>The memory pages of a project. The sandbox creates embeddings.</summary>
public sealed class MemoryPagesTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>\u202e";

    [Fact]
    public async Task A_namespace_is_created_filled_searched_and_deleted()
    {
        var (project, path) = await ProjectAsync();
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync(path);
        Assert.Contains("API keys of the environment production have no memory namespaces yet", client.Text);
        Assert.Contains("/api/memory/namespaces", client.Document.QuerySelector("#memory-curl")!.TextContent);

        await client.GetAsync(path + "/new?env=test");
        await client.SubmitAsync(path, ("name", " notes "), ("description", "What\r\nthey said"), ("dimensions", "64"), ("defaultThreshold", "0.1"));
        Assert.Contains("The namespace has been created.", client.Text);
        Assert.Equal("notes", client.Title);
        var one = client.Response.RequestMessage!.RequestUri!.AbsolutePath;
        var caller = await CallerAsync(project);
        var created = await caller.CallAsync(HttpMethod.Get, "/namespaces/notes");
        Assert.Equal((one.Split('/')[^1], "What\nthey said", 64, 0.1), ((string?)created["id"], (string?)created["description"], (int)created["dimensions"]!, (double)created["defaultThreshold"]!));

        await caller.StoreAsync("notes", "Anna wants her invoices by mail", new { metadata = new { customer = "anna" }, expiresAt = "2099-12-31T00:00:00Z" });
        await caller.StoreAsync("notes", "Bert has two cats", new { metadata = new { customer = "bert" } });
        await client.GetAsync(one);
        Assert.Equal(["Bert has two cats", "Anna wants her invoices by mail"], RowsOf(client, "#entries"));
        Assert.Contains("Dec 31 2099", client.Document.QuerySelector("#entries")!.TextContent);
        Assert.Contains("{\"customer\":\"anna\"}", client.Text);

        await client.SubmitAsync(one, ("query", "invoices by mail"), ("limit", "1"));
        var found = (await caller.SearchAsync("notes", "invoices by mail", new { limit = 1 }))[0]!;
        Assert.Equal(["Anna wants her invoices by mail"], RowsOf(client, "#found"));
        Assert.Contains(((double)found["similarity"]!).ToString("0.0000", System.Globalization.CultureInfo.InvariantCulture), client.Document.QuerySelector("#found")!.TextContent);
        Assert.Equal((double)found["similarity"]!, double.Parse(client.Document.QuerySelector("#found meter")!.GetAttribute("value")!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("invoices by mail", client.Document.QuerySelector("#query")!.TextContent);
        await client.SubmitAsync(one, ("query", "*"), ("threshold", "0"), ("order", "text"), ("filter", """{"customer":"bert"}"""));
        Assert.Equal(["Bert has two cats"], RowsOf(client, "#found"));
        Assert.Contains("by words", client.Document.QuerySelector("#found")!.TextContent);

        await client.GetAsync(path + "?env=test");
        Assert.Equal("2", client.Document.QuerySelector("tbody td[data-label=Entries]")!.TextContent);
        Assert.Contains("512 bytes", client.Text);
        Assert.Contains("at most 2 a day", client.Document.QuerySelector(".spark")!.GetAttribute("aria-label"));

        await client.GetAsync(one + "/delete");
        Assert.Contains("its 2 entries permanently", client.Text);
        await client.SubmitAsync(one + "/delete");
        Assert.Contains("The namespace has been deleted", client.Text);
        Assert.Contains("API keys of the environment test have no memory namespaces yet", client.Text);
        await client.GetAsync(one);
        Assert.Equal(HttpStatusCode.NotFound, client.Response.StatusCode);
        Assert.Equal(404, (int)(await caller.SendAsync(HttpMethod.Get, "/namespaces/notes")).StatusCode);
    }

    [Fact]
    public async Task An_entry_is_shown_and_deleted_and_the_audit_log_has_each_change_without_the_text()
    {
        var (project, path) = await ProjectAsync();
        var caller = await CallerAsync(project);
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync(path + "/new?env=test");
        await client.SubmitAsync(path, ("name", "notes"), ("dimensions", "64"));
        var one = client.Response.RequestMessage!.RequestUri!.AbsolutePath;
        var longText = new string('a', 2_000) + " the end" + Hostile;
        var entry = await caller.StoreAsync("notes", longText, new { metadata = new { why = Hostile } });
        var other = await caller.StoreAsync("notes", "stays");

        await client.GetAsync(one);
        Assert.DoesNotContain("the end", client.Text);
        await client.GetAsync($"{one}/entries/{entry}");
        Assert.Contains("the end", Assert.Single(client.Document.QuerySelectorAll("#content")).TextContent);
        Assert.Contains("\\u202E", client.Text);
        Assert.Empty(client.Document.QuerySelectorAll("main img"));
        await client.SubmitAsync(one + "/entries/delete");
        Assert.Contains("The entry has been deleted.", client.Text);
        Assert.Equal(["stays"], RowsOf(client, "#entries"));
        Assert.Equal(404, (int)(await caller.SendAsync(HttpMethod.Get, "/" + entry)).StatusCode);
        Assert.DoesNotContain(await caller.SearchAsync("notes", "the end", new { threshold = 0.01 }), found => (string?)found!["id"] == entry);

        // The list has a button that deletes an entry. A second deletion of the same entry fails.
        await client.SubmitAsync(one + "/entries/delete", ("entry", other));
        Assert.Contains("No entries yet", client.Text);
        await client.PostAsync(one + "/entries/delete", ("form_token", TokenOf(client)), ("entry", other));
        Assert.Equal(HttpStatusCode.NotFound, client.Response.StatusCode);

        await client.GetAsync(one);
        await client.SubmitAsync(one + "/reembed", ("embeddingModel", "text-embedding-3-large"), ("dimensions", "32"));
        Assert.Contains("All entries are being re-embedded", client.Text);
        await client.GetAsync(one + "/delete");
        await client.SubmitAsync(one + "/delete");
        var entries = (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={project}"))["entries"]!.AsArray();
        Assert.Equal(
            ["memory_namespace.deleted", "memory_namespace.changed", "memory.deleted", "memory.deleted", "memory_namespace.created"],
            entries.Select(row => (string)row!["action"]!).Where(action => action.StartsWith("memory", StringComparison.Ordinal)));
        var reported = entries.ToJsonString();
        Assert.Contains(entry, reported);
        Assert.Contains("text-embedding-3-large", reported);
        Assert.DoesNotContain("the end", reported);
    }

    [Fact]
    public async Task Re_embedding_shows_progress_and_can_be_cancelled()
    {
        var (project, path) = await ProjectAsync();
        var caller = await CallerAsync(project);
        var id = (string)(await caller.CreateAsync("notes"))["id"]!;
        await caller.StoreAsync("notes", "Anna wants her invoices by mail");
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"{path}/{id}");

        await client.SubmitAsync($"{path}/{id}/reembed", ("embeddingModel", "sandbox/no-embedder"), ("dimensions", "5000"));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.NotNull(client.Document.GetElementById("dimensions-problem"));
        Assert.Equal($"{path}/{id}", client.Document.QuerySelector("main")!.GetAttribute("data-address"));
        Assert.Equal("sandbox/no-embedder", client.Document.GetElementById("embeddingModel")!.GetAttribute("value"));
        await client.SubmitAsync($"{path}/{id}/reembed", ("dimensions", "32"), ("embeddingModel", "text-embedding-3-large"));
        await Eventually.IsTrueAsync(async () =>
        {
            await scene.Edge.UpkeepAsync();
            await client.GetAsync($"{path}/{id}");
            return client.Document.QuerySelector("#next-title") is null;
        });
        Assert.Contains("32 dimensions", client.Text);

        // As if no edge had started the work yet.
        await scene.Edge.ReadAsync(async database =>
        {
            var space = database.MemoryNamespaces.Single(row => row.Id == id);
            (space.NextModel, space.NextDimensions, space.LeasedUntil) = ("text-embedding-3-small", 16, TimeProvider.System.GetUtcNow().AddHours(1));
            (space.EmbeddingFault, space.HasUnembedded) = ("The provider <b>is away</b>.", true);
            database.MemoryVectors.RemoveRange(database.MemoryVectors.Where(row => row.NamespaceId == id));
            return await database.SaveChangesAsync();
        });
        await client.GetAsync($"{path}/{id}");
        Assert.Contains("0 of 1 entries", client.Document.QuerySelector("#state")!.TextContent);
        Assert.Contains("The provider <b>is away</b>.", client.Text);
        Assert.Contains("1 entry has no vector yet", client.Text);
        Assert.Contains("no vector yet", client.Document.QuerySelector("#entries")!.TextContent);
        await client.GetAsync(path + "?env=test");
        Assert.Contains("re-embedding", client.Text);
        Assert.Contains("embedding fails", client.Text);
        await client.GetAsync($"{path}/{id}");
        await client.SubmitAsync($"{path}/{id}/reembed/end");
        Assert.Contains("Re-embedding has been cancelled.", client.Text);
        Assert.Null(client.Document.QuerySelector("#next-title"));
    }

    [Theory]
    [InlineData("name", "", "'name' is missing")]
    [InlineData("name", "notes", "There is a namespace 'notes' already")]
    [InlineData("name", "mns_mine", "nor begin with mns_")]
    [InlineData("dimensions", "many", "'dimensions' must be a whole number from 1 to 4096")]
    [InlineData("defaultThreshold", "7", "'defaultThreshold' must be a number from 0 to 1")]
    public async Task An_invalid_field_shows_its_error_and_the_form_keeps_the_input(string field, string value, string problem)
    {
        var (project, path) = await ProjectAsync();
        await (await CallerAsync(project)).CreateAsync("notes");
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync(path + "/new?env=test");
        (string, string)[] typed = [("name", "x"), ("description", Hostile)];

        await client.SubmitAsync(path, [.. typed.Where(one => one.Item1 != field), (field, value)]);

        Assert.Contains(problem, client.Document.GetElementById(field + "-problem")!.TextContent);
        Assert.Equal("#" + field, client.Document.QuerySelector(".notice.bad a")!.GetAttribute("href"));
        Assert.Equal(Hostile, client.Document.GetElementById("description")!.TextContent);
        await client.GetAsync(path + "?env=test");
        Assert.Single(RowsOf(client, "main"));
    }

    [Theory]
    [InlineData("query", "", "query", "'query' is missing")]
    [InlineData("filter", "{", "filter", "The filter must be JSON")]
    [InlineData("filter", """{"a":{"over":1}}""", "filter", "unknown operator 'over'")]
    [InlineData("limit", "51", "limit", "at most 50 entries")]
    [InlineData("threshold", "low", "threshold", "'threshold' must be a number")]
    [InlineData("order", "random", "order", "'order' must be")]
    public async Task An_invalid_search_shows_its_error(string field, string value, string at, string problem)
    {
        var (project, path) = await ProjectAsync();
        var id = (string)(await (await CallerAsync(project)).CreateAsync("notes"))["id"]!;
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"{path}/{id}");
        await client.SubmitAsync($"{path}/{id}", [.. field == "query" ? Array.Empty<(string, string)>() : [("query", "x")], (field, value)]);

        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains(problem, client.Document.GetElementById(at + "-problem")!.TextContent);
        Assert.Null(client.Document.QuerySelector("#found"));
    }

    [Fact]
    public async Task A_search_counts_against_the_projects_budget_and_limits()
    {
        var (project, path) = await ProjectAsync();
        var caller = await CallerAsync(project);
        var id = (string)(await caller.CreateAsync("notes"))["id"]!;
        await caller.StoreAsync("notes", "Anna wants her invoices by mail");
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync($"{path}/{id}");
        await client.SubmitAsync($"{path}/{id}", ("query", "invoices"), ("threshold", "0"));
        Assert.Single(RowsOf(client, "#found"));
        await Eventually.IsTrueAsync(async () => (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs"))["requests"]!.AsArray()
            .Any(row => (string?)row!["endpoint"] == "memory" && (string?)row["key_id"] == "memory"));

        await scene.Edge.SetLimitsAsync(project, new { requests_per_minute = 1, burst = 1 });
        await client.SubmitAsync($"{path}/{id}", ("query", "invoices"));
        await client.SubmitAsync($"{path}/{id}", ("query", "invoices"));
        Assert.Equal(HttpStatusCode.TooManyRequests, client.Response.StatusCode);
        Assert.NotNull(client.Document.QuerySelector(".notice.bad[role=alert]"));
        Assert.Equal("invoices", client.Document.QuerySelector("#query")!.TextContent);
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Paging_shows_entries_from_newest_to_oldest_without_expired_ones(string system)
    {
        await using var database = await DatabaseEdge.StartAsync(system);
        var edge = database.Edge;
        var project = await edge.CreateProjectAsync();
        var path = $"/dashboard/p/{(string)(await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!}/memory";
        var caller = new MemoryClient(edge, await edge.CreateKeyAsync(project, environment: "test"));
        var id = (string)(await caller.CreateAsync("notes", new { dimensions = 2 }))["id"]!;
        for (var batch = 0; batch < 3; batch++)
        {
            await caller.CallAsync(HttpMethod.Post, "/store", new { @namespace = "notes", items = Enumerable.Range(batch * 20, 20).Select(number => new { content = $"entry {number}", embedding = new[] { 1, 0.5 } }) }, 201);
        }

        await edge.ReadAsync(async rows =>
        {
            var over = TimeProvider.System.GetUtcNow().AddMinutes(-1);
            return await rows.Memories.Where(row => row.NamespaceId == id && row.Content == "entry 30").ExecuteUpdateAsync(set => set.SetProperty(row => row.ExpiresAt, over));
        });
        using var client = await PageClient.SignedInAsync(edge);
        await client.GetAsync($"{path}/{id}");
        var seen = new List<string>(RowsOf(client, "#entries"));
        Assert.Equal(25, seen.Count);
        while (client.Document.QuerySelector("a[href*='?before=']") is { } older)
        {
            await client.GetAsync(older.GetAttribute("href")!.Split('#')[0]);
            seen.AddRange(RowsOf(client, "#entries"));
        }

        Assert.Equal(Enumerable.Range(0, 60).Reverse().Where(number => number != 30).Select(number => $"entry {number}"), seen);
        await client.GetAsync($"{path}/{id}?before=nonsense");
        Assert.Equal("entry 59", RowsOf(client, "#entries")[0]);

        // Entries of three weeks ago do not count as today's.
        await edge.ReadAsync(rows =>
        {
            var weeks = MemoryStore.MinNumberAt(DateTimeOffset.UnixEpoch.AddDays(21));
            return rows.Memories.Where(row => row.NamespaceId == id && row.Content.StartsWith("entry 1")).ExecuteUpdateAsync(set => set.SetProperty(row => row.Number, row => row.Number - weeks));
        });
        await client.GetAsync($"{path}?env=test");
        Assert.Contains("at most 48 a day", client.Document.QuerySelector(".spark")!.GetAttribute("aria-label"));

        await client.GetAsync($"{path}/{id}");
        await client.SubmitAsync($"{path}/{id}/entries/delete", ("entry", client.Document.QuerySelector("#entries tr[data-id]")!.GetAttribute("data-id")!));
        Assert.Equal("entry 58", RowsOf(client, "#entries")[0]);
        await client.SubmitAsync($"{path}/{id}/reembed", ("embeddingModel", "text-embedding-3-large"));
        await client.GetAsync($"{path}/{id}/delete");
        await client.SubmitAsync($"{path}/{id}/delete");
        Assert.Contains("API keys of the environment test have no memory namespaces yet", client.Text);
        Assert.Contains("memory_namespace.deleted", (await edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={project}")).ToJsonString());
    }

    [Fact]
    public async Task Viewers_see_counts_but_no_entries_and_cannot_change_anything()
    {
        var (project, path) = await ProjectAsync();
        var caller = await CallerAsync(project);
        var id = (string)(await caller.CreateAsync("notes"))["id"]!;
        var entry = await caller.StoreAsync("notes", "a text that is nobody's business");
        using var viewer = await scene.Edge.SignedInAsync(UserRole.Viewer, project);

        await viewer.GetAsync(path + "?env=test");
        Assert.Equal("1", viewer.Document.QuerySelector("tbody td[data-label=Entries]")!.TextContent);
        Assert.Empty(viewer.Document.QuerySelectorAll("main a[href*='/memory/new']"));
        await viewer.GetAsync($"{path}/{id}");
        Assert.Equal("notes", viewer.Title);
        Assert.DoesNotContain("business", viewer.Html);
        Assert.Empty(viewer.Document.QuerySelectorAll("main button:not([data-copy]), main form[method=post], main a.danger"));
        var token = TokenOf(viewer);
        foreach (var (method, page) in ((string, string)[])
            [("GET", path + "/new"), ("POST", path), ("POST", $"{path}/{id}"), ("POST", $"{path}/{id}/reembed"), ("POST", $"{path}/{id}/reembed/end"), ("GET", $"{path}/{id}/delete"), ("POST", $"{path}/{id}/delete"), ("GET", $"{path}/{id}/entries/{entry}"), ("POST", $"{path}/{id}/entries/delete")])
        {
            await (method == "GET" ? viewer.GetAsync(page) : viewer.PostAsync(page, ("form_token", token), ("name", "by a viewer"), ("query", "business"), ("entry", entry)));
            Assert.True(viewer.Response.StatusCode == HttpStatusCode.Forbidden, $"{method} {page}: {viewer.Response.StatusCode}");
            Assert.DoesNotContain("business", viewer.Html);
        }

        Assert.Equal(1, await caller.CountAsync("notes"));
    }

    [Fact]
    public async Task Environments_projects_and_namespaces_are_isolated()
    {
        var (project, path) = await ProjectAsync();
        var (other, otherPath) = await ProjectAsync();
        var test = await CallerAsync(project);
        var production = new MemoryClient(scene.Edge, await scene.Edge.CreateKeyAsync(project));
        var (ofTest, ofProduction) = ((string)(await test.CreateAsync("of test"))["id"]!, (string)(await production.CreateAsync("of production"))["id"]!);
        var entry = await test.StoreAsync("of test", "a secret of test");
        var second = (string)(await test.CreateAsync("second"))["id"]!;
        await (await CallerAsync(other)).CreateAsync("theirs");
        using var client = await PageClient.SignedInAsync(scene.Edge);

        await client.GetAsync(path);
        Assert.Equal(["of production"], RowsOf(client, "main"));
        await client.GetAsync(path + "?env=test");
        Assert.Equal(["second", "of test"], RowsOf(client, "main"));
        await client.GetAsync(otherPath);
        Assert.Contains("There is 1 namespace of test keys", string.Join(' ', client.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        foreach (var page in (string[])[$"{otherPath}/{ofTest}", $"{otherPath}/{ofProduction}", $"{otherPath}/{ofTest}/delete", $"{otherPath}/{ofTest}/entries/{entry}", $"{path}/{second}/entries/{entry}", $"{path}/{ofProduction}/entries/{entry}"])
        {
            await client.GetAsync(page);
            Assert.True(client.Response.StatusCode == HttpStatusCode.NotFound, $"{page}: {client.Response.StatusCode}");
        }

        // Entries of another namespace can be neither deleted nor found.
        await client.GetAsync($"{path}/{second}");
        await client.SubmitAsync($"{path}/{second}", ("query", "a secret of test"), ("threshold", "0"));
        Assert.DoesNotContain("a secret", client.Document.QuerySelector("#found")!.TextContent);
        await client.PostAsync($"{path}/{second}/entries/delete", ("form_token", TokenOf(client)), ("entry", entry));
        Assert.Equal(HttpStatusCode.NotFound, client.Response.StatusCode);
        Assert.Equal(1, await test.CountAsync("of test"));
    }

    [Fact]
    public async Task An_agents_namespace_is_private_and_deletion_names_the_agents_that_use_it()
    {
        var (project, path) = await ProjectAsync();
        var agent = await scene.Edge.CreateAgentAsync(project, new { memory = new { @namespace = "its own" } });
        using var client = await PageClient.SignedInAsync(scene.Edge);
        await client.GetAsync(path + "/new?env=test");
        await client.SubmitAsync(path, ("name", "its own"), ("agentId", agent), ("dimensions", "64"));
        var one = client.Response.RequestMessage!.RequestUri!.AbsolutePath;
        Assert.NotNull(client.Document.QuerySelector($"main a[href$='/agents/{agent}']"));
        var ofAgent = new MemoryClient(scene.Edge, await scene.Edge.CreateKeyAsync(project, "agent", "test", new { agent_id = agent }));
        await ofAgent.StoreAsync("its own", "Anna wants her invoices by mail");
        await client.GetAsync(one);
        await client.SubmitAsync(one, ("query", "invoices"), ("threshold", "0"));
        Assert.Single(RowsOf(client, "#found"));

        await client.GetAsync(one + "/delete");
        Assert.Contains("Chats of the agent test agent", client.Text);
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1, "1 byte")]
    [InlineData(1023, "1,023 bytes")]
    [InlineData(1536, "1.50 KiB")]
    [InlineData(614_400_000, "586 MiB")]
    [InlineData(3L << 30, "3.00 GiB")]
    public void Sizes_are_formatted_in_bytes_or_binary_units(long bytes, string text) => Assert.Equal(text, Numbers.Bytes(bytes));

    private static List<string> RowsOf(PageClient client, string place) => [.. client.Document.QuerySelectorAll(place + " tbody th[scope=row] a").Select(link => link.TextContent)];

    private static string TokenOf(PageClient client) => client.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;

    private async Task<MemoryClient> CallerAsync(string project) => new(scene.Edge, await scene.Edge.CreateKeyAsync(project, environment: "test"));

    private async Task<(string Id, string Path)> ProjectAsync()
    {
        var id = await scene.Edge.CreateProjectAsync("openai");
        return (id, $"/dashboard/p/{(string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!}/memory");
    }
}
