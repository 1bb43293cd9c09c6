using System.Net;
using System.Text.RegularExpressions;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard.Projects;

public sealed partial class KeyPagesTests(RespondingEdge scripted) : IClassFixture<RespondingEdge>
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>{{7*7}}\u202e";

    [Fact]
    public async Task A_generated_key_works_and_is_shown_only_once()
    {
        using var client = await NewKeyAsync(("name", "checkout backend"));
        var key = Shown(client);
        Assert.Equal("no-referrer", client.Response.Headers.GetValues("Referrer-Policy").Single());
        Assert.Contains("no-store", client.Response.Headers.CacheControl!.ToString());
        Assert.Contains("readonly", client.Document.QuerySelector("#full-key")!.OuterHtml);
        Assert.Empty(client.Document.QuerySelectorAll("form[method=post]"));
        var env = Uri.UnescapeDataString(client.Document.QuerySelector("a[download]")!.GetAttribute("href")!);
        Assert.Contains($"CENCORI_API_KEY={key}\n", env);
        Assert.Contains($"OPENAI_BASE_URL={scripted.Edge.Address}v1\n", env);
        var samples = client.Document.QuerySelectorAll(".samples details");
        Assert.Equal(["curl", ".NET", "Python", "JavaScript", "Codex"], samples.Select(sample => sample.QuerySelector("summary")!.TextContent));
        Assert.All(samples, sample => Assert.Contains(key, sample.TextContent));
        Assert.All(samples, sample => Assert.Contains($"{scripted.Edge.Address}v1", sample.TextContent));

        using var response = await scripted.ChatAsync(key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        await client.GetAsync(client.Document.QuerySelector("[data-saved]")!.GetAttribute("href")!);
        Assert.Equal("checkout backend", client.Title);
        Assert.DoesNotContain(key, client.Html);
        Assert.Contains($"{key[..8]}…{key[^4..]}", client.Text);
        await client.GetAsync(await PathAsync() + "/keys");
        Assert.DoesNotContain(key, client.Html);
        Assert.Contains("checkout backend", client.Text);
    }

    [Fact]
    public async Task The_same_form_sent_twice_creates_one_key()
    {
        var name = $"sent twice {Guid.NewGuid():N}";
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        var form = await client.GetAsync(await PathAsync() + "/keys/new");
        var fields = new[] { "form_token", "key_id" }.Select(field => (field, form.QuerySelector($"input[name={field}]")!.GetAttribute("value")!)).ToArray();
        (string, string)[] sent = [.. fields, ("name", name), ("key_type", "secret"), ("environment", "production"), ("expiry", "never"), ("budget", "none")];
        await client.PostAsync(await PathAsync() + "/keys", sent);
        var key = Shown(client);

        await client.PostAsync(await PathAsync() + "/keys", sent);
        Assert.Contains("generated already", client.Title);
        Assert.Contains(key[..8], client.Text);
        Assert.Contains("revoke it", client.Text);
        Assert.DoesNotContain(key, client.Html);

        await client.GetAsync(await PathAsync() + "/keys?q=" + Uri.EscapeDataString(name));
        Assert.Single(client.Document.QuerySelectorAll("tbody tr"));
    }

    [Fact]
    public async Task An_invalid_field_shows_its_error_and_the_form_keeps_the_input()
    {
        foreach (var (field, wrong, values) in new (string, string, (string, string)[])[]
        {
            ("allowed_domains", "must have allowed_domains", [("key_type", "publishable")]),
            ("allowed_domains", "Allowed domain no. 1", [("key_type", "publishable"), ("allowed_domains", "https://x.example/")]),
            ("agent_id", "must have an agent_id", [("key_type", "agent")]),
            ("allowed_models", "only at the end", [("allowed_models", "gpt-*-mini")]),
            ("expires_at", "such as 2030-12-31", [("expiry", "date")]),
            ("expires_at", "must be in the future", [("expiry", "date"), ("expires_on", "2020-01-01")]),
            ("expires_at", "entered but not chosen", [("expiry", "never"), ("expires_on", "2999-12-31")]),
            ("monthly_budget_usd", "Enter an amount", [("budget", "limit"), ("monthly_budget_usd", "much")]),
            ("monthly_budget_usd", "entered but not chosen", [("budget", "none"), ("monthly_budget_usd", "25")]),
            ("monthly_budget_usd", "more than 0", [("budget", "limit"), ("monthly_budget_usd", "0")]),
            ("name", "1 to 100 characters", [("name", " ")]),
            ("key_type", "kind of the key", [("key_type", "other")]),
        })
        {
            using var client = await NewKeyAsync([.. field == "name" ? values : [("name", "kept input"), .. values]]);
            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            Assert.Contains(wrong, client.Document.QuerySelector(".notice.bad")!.TextContent);
            Assert.NotNull(client.Document.QuerySelector($"#{field}"));
            Assert.Null(client.Document.QuerySelector("#full-key"));
            if (field != "name")
            {
                Assert.Equal("kept input", client.Document.QuerySelector("#name")!.GetAttribute("value"));
            }
        }
    }

    [Fact]
    public async Task A_key_of_any_kind_gets_the_settings_of_the_form()
    {
        var agent = await scripted.Edge.CreateAgentAsync(scripted.ProjectId);
        using var client = await NewKeyAsync(
            ("name", "page"), ("key_type", "publishable"), ("environment", "test"), ("allowed_domains", "*.example.com\r\nlocalhost"), ("allowed_models", "gpt-4o\ngpt-4o-*"),
            ("expiry", "90"), ("budget", "limit"), ("monthly_budget_usd", "12.5"), ("agent_id", agent));
        Assert.StartsWith("cpk_test_", Shown(client));
        Assert.Contains("dangerouslyAllowBrowser", client.Text);
        var id = KeyId(client);
        var key = (await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scripted.ProjectId}/api-keys/{id}"))["apiKey"]!;
        Assert.Equal("""["*.example.com","localhost"]""", key["allowed_domains"]!.ToJsonString());
        Assert.Equal("""["gpt-4o","gpt-4o-*"]""", key["allowed_models"]!.ToJsonString());
        Assert.InRange(((DateTimeOffset)key["expires_at"]! - (DateTimeOffset)key["created_at"]!).TotalDays, 89.99, 90.01);
        var budget = await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scripted.ProjectId}/api-keys/{id}/budget");
        Assert.Equal((12.5m, true), ((decimal)budget["monthly_budget_usd"]!, (bool)budget["enforce"]!));

        using var ofAgent = await NewKeyAsync(("name", "of an agent"), ("key_type", "agent"), ("agent_id", agent), ("allowed_domains", "left.example"));
        Assert.StartsWith("cake_", Shown(ofAgent));
        await ofAgent.GetAsync($"{await PathAsync()}/keys/{KeyId(ofAgent)}");
        Assert.NotNull(ofAgent.Document.QuerySelector($"a[href$='/agents/{agent}']"));
    }

    [Fact]
    public async Task A_rotated_key_works_for_its_grace_period_and_rotates_only_once()
    {
        using var client = await NewKeyAsync(("name", "to be rotated"));
        var (old, oldId) = (Shown(client), KeyId(client));
        await client.GetAsync($"{await PathAsync()}/keys/{oldId}/rotate");
        await client.SubmitAsync($"{await PathAsync()}/keys/{oldId}/rotate", ("grace_period_hours", "168"));
        var (successor, id) = (Shown(client), KeyId(client));
        Assert.NotEqual(old, successor);
        Assert.Equal(HttpStatusCode.OK, (await scripted.ChatAsync(old)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await scripted.ChatAsync(successor)).StatusCode);

        await client.GetAsync($"{await PathAsync()}/keys/{id}");
        Assert.Contains("stays valid until", client.Text);
        await client.GetAsync($"{await PathAsync()}/keys?state=rotating&q=to+be+rotated");
        Assert.Contains("rotating", client.Document.QuerySelector("tbody")!.TextContent);

        var form = (await client.GetAsync($"{await PathAsync()}/keys/{id}/rotate")).QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        await client.PostAsync($"{await PathAsync()}/keys/{oldId}/rotate", ("form_token", form), ("grace_period_hours", "0"));
        Assert.Contains("generated already", client.Title);
        Assert.Contains(successor[..8], client.Text);
    }

    [Fact]
    public async Task A_rotated_key_must_expire_and_an_old_one_that_does_not_is_shown()
    {
        using var client = await NewKeyAsync(("name", "rotated for good"));
        var oldId = KeyId(client);
        var path = $"{await PathAsync()}/keys/{oldId}";
        await client.GetAsync(path + "/rotate");
        await client.SubmitAsync(path + "/rotate", ("grace_period_hours", "24"));
        var id = KeyId(client);
        await client.GetAsync(path);
        Assert.Null(client.Document.QuerySelector("input[name=expiry][value=never]"));
        await client.SubmitAsync(path, ("expiry", "never"));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains("must expire", client.Document.QuerySelector("#expires_at-problem")!.TextContent, StringComparison.Ordinal);
        using var content = RunningEdge.Json("""{"expires_at":null}""");
        using var response = await scripted.Edge.Admin.PatchAsync(new Uri(scripted.Edge.Address, $"/api/projects/{scripted.ProjectId}/api-keys/{oldId}"), content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);

        await using (var database = await scripted.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync())
        {
            (await database.ApiKeys.SingleAsync(row => row.Id == oldId)).ExpiresAt = null;
            await database.SaveChangesAsync();
        }

        foreach (var shown in (string[])[path, $"{await PathAsync()}/keys/{id}", $"{await PathAsync()}/keys?q=rotated+for+good"])
        {
            await client.GetAsync(shown);
            Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
            Assert.Contains("does not expire", client.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_revoked_key_is_refused_with_the_next_request()
    {
        using var client = await NewKeyAsync(("name", "to be revoked"));
        var (key, id) = (Shown(client), KeyId(client));
        Assert.Equal(HttpStatusCode.OK, (await scripted.ChatAsync(key)).StatusCode);

        using var late = await PageClient.SignedInAsync(scripted.Edge);
        await late.GetAsync($"{await PathAsync()}/keys/{id}");
        await client.GetAsync($"{await PathAsync()}/keys/{id}/revoke");
        Assert.Contains("to be revoked", client.Text);
        await client.SubmitAsync($"{await PathAsync()}/keys/{id}/revoke");
        Assert.Contains("The key is revoked.", client.Text);
        Assert.Equal(HttpStatusCode.Unauthorized, (await scripted.ChatAsync(key)).StatusCode);

        Assert.Null(client.Document.QuerySelector("form[method=post][action*='/keys/']"));
        await late.SubmitAsync($"{await PathAsync()}/keys/{id}", ("name", "too late"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.Response.StatusCode);
        Assert.Contains("Nothing was saved", late.Text, StringComparison.Ordinal);
        await client.GetAsync($"{await PathAsync()}/keys?state=revoked&q=to+be+revoked");
        Assert.Single(client.Document.QuerySelectorAll("tbody tr"));
        await client.GetAsync($"{await PathAsync()}/keys?state=active&q=to+be+revoked");
        Assert.Empty(client.Document.QuerySelectorAll("tbody tr"));
        Assert.Contains("No key matches", client.Text);
    }

    [Fact]
    public async Task A_key_changes_unless_somebody_else_changed_it_meanwhile()
    {
        using var client = await NewKeyAsync(("name", "before"), ("expiry", "30"));
        var path = $"{await PathAsync()}/keys/{KeyId(client)}";
        await client.GetAsync(path);
        await client.SubmitAsync(path, ("name", "after"), ("allowed_models", "gpt-4o"), ("expiry", "never"));
        Assert.Equal("after", client.Title);
        Assert.DoesNotContain("expires", client.Document.QuerySelector("dl.facts")!.TextContent);

        await client.SubmitAsync(path, ("expiry", "date"), ("expires_on", "2020-01-01"));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.NotNull(client.Document.QuerySelector("#expires_at-problem"));
        await client.SubmitAsync(path, ("expiry", "keep"), ("expires_on", "2999-12-31"));
        Assert.Contains("entered but not chosen", client.Document.QuerySelector("#expires_at-problem")!.TextContent, StringComparison.Ordinal);

        await client.GetAsync(path);
        await scripted.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{scripted.ProjectId}/api-keys/{path.Split('/')[^1]}", new { name = "by somebody else" });
        await client.SubmitAsync(path, ("name", "mine"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, client.Response.StatusCode);
        await client.GetAsync(path);
        Assert.Equal("by somebody else", client.Title);

        await client.SubmitAsync(path + "/budget", ("budget", "limit"), ("monthly_budget_usd", "3"));
        Assert.Contains("of $3.00", client.Text);
        await client.SubmitAsync(path + "/budget", ("budget", "none"));
        Assert.DoesNotContain("of $3.00", client.Text);
    }

    [Fact]
    public async Task A_hostile_key_name_stays_text()
    {
        using var client = await NewKeyAsync(("name", Hostile), ("allowed_models", "m\"';$(x)"));
        var id = KeyId(client);
        Assert.DoesNotContain("<img src=x", client.Html);
        Assert.Equal(@"""model"":""m\u0022\u0027;$(x)""", ModelInSample().Match(client.Document.QuerySelector(".samples pre")!.TextContent).Value);
        foreach (var path in new[] { "/keys", $"/keys/{id}", $"/keys/{id}/revoke", $"/keys/{id}/rotate", "/keys?q=" + Uri.EscapeDataString(Hostile) })
        {
            await client.GetAsync(await PathAsync() + path);
            Assert.Equal(HttpStatusCode.OK, client.Response.StatusCode);
            Assert.Contains("onerror=alert(1)", client.Document.QuerySelector("html")!.OuterHtml);
            Assert.Null(client.Document.QuerySelector("main img"));
            Assert.DoesNotContain("\u202e", client.Text);
        }
    }

    [Fact]
    public async Task Unknown_parameters_are_reported_and_ignored()
    {
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync(await PathAsync() + "/keys?state=broken&env=7&type=&page=-1");
        Assert.Contains("state=broken, env=7, page=-1", client.Text);
        Assert.NotEmpty(client.Document.QuerySelectorAll("tbody tr"));
        await client.GetAsync(await PathAsync() + "/keys?q=" + scripted.Key);
        Assert.Contains("a whole key", client.Text);
        Assert.DoesNotContain(scripted.Key, client.Html);
    }

    [Fact]
    public async Task Keys_of_another_project_do_not_exist()
    {
        var other = await scripted.Edge.CreateProjectAsync();
        await scripted.Edge.CreateKeyAsync(other);
        var id = (string)(await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{other}/api-keys"))["apiKeys"]![0]!["id"]!;
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        foreach (var path in new[] { id, id + "/rotate", id + "/revoke", "key_" + new string('0', 32), "x'y" })
        {
            await client.GetAsync($"{await PathAsync()}/keys/{path}");
            Assert.Equal(HttpStatusCode.NotFound, client.Response.StatusCode);
        }
    }

    private async Task<string> PathAsync() => $"/dashboard/p/{(string)(await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scripted.ProjectId}"))["project"]!["slug"]!}";

    private async Task<PageClient> NewKeyAsync(params (string, string)[] values)
    {
        var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync(await PathAsync() + "/keys/new");
        await client.SubmitAsync(await PathAsync() + "/keys", values);
        return client;
    }

    private static string Shown(PageClient client) => client.Document.QuerySelector("#full-key")?.GetAttribute("value") ?? throw new InvalidOperationException(client.Html);

    private static string KeyId(PageClient client) => client.Document.QuerySelector("[data-saved]")!.GetAttribute("href")!.Split('/')[^1];

    [GeneratedRegex("\"model\":\"[^,]*\"")]
    private static partial Regex ModelInSample();
}
