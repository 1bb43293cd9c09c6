using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Dashboard.Sessions;

/// <summary>Sign-in with an OpenID Connect provider that runs beside the test.</summary>
public sealed class OpenIdTests(OpenIdTests.Scene scene) : IClassFixture<OpenIdTests.Scene>
{
    private readonly RunningEdge _edge = scene.Edge;
    private readonly OpenIdProvider _provider = scene.Provider;

    [Fact]
    public async Task An_owner_from_the_settings_signs_in_and_reaches_the_requested_page()
    {
        using var client = await SignInAsync(new() { ["sub"] = "boss", ["name"] = "Bo Ss", ["email"] = "boss@example.com", ["email_verified"] = true }, "/dashboard/members");
        Assert.Equal("Members", client.Title);
        Assert.Contains("Bo Ss (you)", client.Text);
        var cookie = client.Cookies.GetCookies(_edge.Address)["edge"]!;
        Assert.True(cookie.HttpOnly);

        var rows = await _edge.SendAdminAsync(HttpMethod.Get, "/api/audit?action=sign_in&limit=1000");
        Assert.Contains(rows["entries"]!.AsArray(), row => ((string)row!["actor"]!).StartsWith("user usr_", StringComparison.Ordinal) && (string)row["result"]! == "done");

        await client.SubmitAsync("/dashboard/sign-out");
        Assert.Equal("Signed out", client.Title);
        Assert.Equal($"{_provider.Address}end?client_id=edge", client.Document.QuerySelector("main a.button")!.GetAttribute("href"));
        await client.GetAsync("/dashboard/members");
        Assert.Equal("Sign in", client.Title);
    }

    [Fact]
    public async Task An_unverified_address_gives_no_ownership_and_accepts_no_invitation()
    {
        await _edge.SendAdminAsync(HttpMethod.Post, "/api/invitations", new { email = "unproven@example.com", role = "member" });
        foreach (var email in (string[])["boss@example.com", "unproven@example.com"])
        {
            using var client = await SignInAsync(new() { ["sub"] = "impostor of " + email, ["email"] = email, ["email_verified"] = false });
            Assert.Equal("No access yet", client.Title);
            await client.GetAsync("/dashboard");
            Assert.Equal("Sign in", client.Title);
        }
    }

    [Fact]
    public async Task Invited_members_see_their_projects_until_they_are_removed()
    {
        var (seen, hidden) = (await ProjectAsync("invited to"), await ProjectAsync("not invited to"));
        await _edge.SendAdminAsync(HttpMethod.Post, "/api/invitations", new { email = "Jo@Example.com", role = "viewer", projects = new[] { seen } });

        using var client = await SignInAsync(new() { ["sub"] = "jo", ["name"] = "Jo", ["email"] = "jo@example.COM", ["email_verified"] = true });
        Assert.Equal("Projects", client.Title);
        Assert.Contains("invited to", client.Text);
        Assert.DoesNotContain("not invited to", client.Text);
        var member = (await MembersAsync()).Single(one => (string?)one!["subject"] == "jo")!;
        Assert.Equal(("viewer", seen), ((string)member["role"]!, (string)member["projects"]!.AsArray().Single()!));
        Assert.DoesNotContain((await _edge.SendAdminAsync(HttpMethod.Get, "/api/invitations"))["invitations"]!.AsArray(), one => (string?)one!["email"] == "jo@example.com");

        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/members/{member["id"]}", new { projects = new[] { hidden }, role = "member" });
        await client.GetAsync("/dashboard");
        Assert.Contains("not invited to", client.Text);

        await _edge.SendAdminAsync(HttpMethod.Delete, $"/api/members/{member["id"]}");
        await client.GetAsync("/dashboard");
        Assert.Equal("Sign in", client.Title);
    }

    [Fact]
    public async Task The_same_address_with_another_subject_is_another_person()
    {
        using var first = await SignInAsync(new() { ["sub"] = "first holder", ["email"] = "shared@example.com", ["email_verified"] = true });
        var id = (string)(await MembersAsync()).Single(one => (string?)one!["subject"] == "first holder")!["id"]!;
        await _edge.SendAdminAsync(HttpMethod.Patch, "/api/members/" + id, new { role = "member" });
        using var second = await SignInAsync(new() { ["sub"] = "second holder", ["email"] = "shared@example.com", ["email_verified"] = true });
        Assert.Equal("No access yet", second.Title);
    }

    [Theory]
    [InlineData("nonce"), InlineData("signature"), InlineData("audience")]
    public async Task An_invalid_id_token_leads_back_to_the_sign_in_page(string fault)
    {
        scene.Provider.Fault = fault;
        try
        {
            using var client = await SignInAsync(new() { ["sub"] = "boss", ["email"] = "boss@example.com", ["email_verified"] = true });
            AssertFailed(client);
        }
        finally
        {
            scene.Provider.Fault = null;
        }
    }

    [Theory]
    [InlineData("access_denied"), InlineData("server_error"), InlineData("<script>")]
    public async Task Provider_errors_are_shown_in_the_edges_own_words(string error)
    {
        scene.Provider.Refuses = Uri.EscapeDataString(error);
        try
        {
            using var client = await SignInAsync([]);
            AssertFailed(client);
        }
        finally
        {
            scene.Provider.Refuses = null;
        }
    }

    [Fact]
    public async Task Unsolicited_and_replayed_callbacks_sign_nobody_in()
    {
        using var client = new PageClient(_edge.Address);
        foreach (var query in (string[])["", "?code=x", "?code=x&state=y", "?error=x&state=%00", "?state=" + new string('a', 3_000)])
        {
            await client.GetAsync("/dashboard/sign-in/openid/callback" + query);
            AssertFailed(client);
        }

        // Login CSRF: the callback URL of the attacker's own sign-in, opened in a browser that has not started a sign-in.
        using var attacker = new PageClient(_edge.Address);
        var response = await CallbackAsync(attacker, new() { ["sub"] = "boss", ["email"] = "boss@example.com", ["email_verified"] = true });
        await client.GetAsync(response.PathAndQuery);
        AssertFailed(client);

        await attacker.GetAsync(response.PathAndQuery);
        Assert.Equal("Projects", attacker.Title);
        await attacker.GetAsync(response.PathAndQuery);
        AssertFailed(attacker);
    }

    [Fact]
    public async Task Each_sign_in_creates_a_new_session_id_and_no_secret_is_logged()
    {
        Dictionary<string, object> boss = new() { ["sub"] = "boss", ["email"] = "boss@example.com", ["email_verified"] = true };
        using var client = await SignInAsync(boss);
        var before = client.Cookies.GetCookies(_edge.Address)["edge"]!.Value;
        var response = await CallbackAsync(client, boss);
        await client.GetAsync(response.PathAndQuery);
        Assert.NotEqual(before, client.Cookies.GetCookies(_edge.Address)["edge"]!.Value);

        using var old = new PageClient(_edge.Address);
        old.Cookies.Add(_edge.Address, new Cookie("edge", before));
        await old.GetAsync("/dashboard");
        Assert.Equal("Sign in", old.Title);
        var code = System.Web.HttpUtility.ParseQueryString(response.Query)["code"]!;
        Assert.DoesNotContain(_edge.Logs.Lines, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Information && (line.Text.Contains(OpenIdProvider.ClientSecret, StringComparison.Ordinal) || line.Text.Contains(code, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_unavailable_provider_stops_neither_the_start_nor_token_sign_in()
    {
        await using var edge = await RunningEdge.StartAsync(["Dashboard:OpenIdConnect:Authority=http://127.0.0.1:1", "Dashboard:OpenIdConnect:ClientId=edge", "Dashboard:OpenIdConnect:DisplayName=Keycloak"]);
        using var client = new PageClient(edge.Address);
        await client.GetAsync("/dashboard/sign-in/openid");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Sign in"), (client.Response.StatusCode, client.Title));
        Assert.Contains("Keycloak does not respond at the moment.", client.Text);
        await client.SubmitAsync("/dashboard/sign-in", ("token", RunningEdge.AdminToken));
        Assert.Equal("Projects", client.Title);
    }

    [Fact]
    public async Task Roles_come_from_a_claim_token_sign_in_can_be_disabled_and_a_refused_push_is_reported()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var edge = await RunningEdge.StartAsync(
            [.. provider.Settings, "Dashboard:TokenSignIn=false", "Dashboard:OpenIdConnect:RoleClaim=groups", "Dashboard:OpenIdConnect:RolePrefix=edge-", "Dashboard:PublicUrl=http://edge.example.com:81/"]);
        using var client = new PageClient(edge.Address);
        await client.GetAsync("/dashboard/sign-in");
        Assert.Null(client.Document.QuerySelector("input[name=token]"));
        var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard/sign-in/openid");
        await client.SendAsync(request, follow: false);
        var requested = System.Web.HttpUtility.ParseQueryString(client.Response.Headers.Location!.Query);
        Assert.Equal(("http://edge.example.com:81/dashboard/sign-in/openid/callback", "query"), (requested["redirect_uri"], requested["response_mode"] ?? "query"));

        Assert.Equal("Projects", (await EnterAsync(client, edge, provider, new() { ["sub"] = "a", ["groups"] = new[] { "edge-viewer", "edge-owner", "owner" } })).Title);
        Assert.Equal("No access yet", (await EnterAsync(client, edge, provider, new() { ["sub"] = "a", ["groups"] = new[] { "owner" } })).Title);

        provider.RefusesPushed = true;
        await using var pushed = await RunningEdge.StartAsync(provider.Settings);
        using var refused = new PageClient(pushed.Address);
        await refused.GetAsync("/dashboard/sign-in/openid");
        AssertFailed(refused);
        await using var plain = await RunningEdge.StartAsync([.. provider.Settings, "Dashboard:OpenIdConnect:PushedAuthorization=false", "Dashboard:OpenIdConnect:Owners=someone, a"]);
        using var entered = new PageClient(plain.Address);
        Assert.Equal("Projects", (await EnterAsync(entered, plain, provider, new() { ["sub"] = "a" })).Title);
    }

    [Theory]
    [InlineData("Dashboard:TokenSignIn=false")]
    [InlineData("Dashboard:OpenIdConnect:ClientId=edge")]
    [InlineData("Dashboard:OpenIdConnect:Authority=https://login.example.com")]
    [InlineData("Dashboard:OpenIdConnect:Authority=http://login.example.com", "Dashboard:OpenIdConnect:ClientId=edge")]
    [InlineData("Dashboard:OpenIdConnect:Authority=login.example.com", "Dashboard:OpenIdConnect:ClientId=edge")]
    public async Task Invalid_settings_stop_the_start(params string[] settings) =>
        await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => RunningEdge.StartAsync(settings));

    [Fact]
    public async Task A_sign_in_started_at_one_edge_completes_at_another_after_the_first_has_stopped()
    {
        var directory = Directory.CreateTempSubdirectory("edges-");
        string[] settings = [.. _provider.Settings, "Dashboard:OpenIdConnect:Owners=boss"];
        var first = await RunningEdge.StartAsync(settings, RunningEdge.Join, directory.FullName);
        var second = await RunningEdge.StartAsync(settings, RunningEdge.Join, directory.FullName);
        using var client = new PageClient(first.Address);
        var response = await CallbackAsync(client, new() { ["sub"] = "boss" });
        await first.DisposeAsync();

        await client.GetAsync(new Uri(second.Address, response.PathAndQuery).ToString());
        Assert.Equal("Projects", client.Title);

        // Forms that the stopped edge has rendered work too.
        var third = await RunningEdge.StartAsync(settings, RunningEdge.Join, directory.FullName);
        var page = await client.GetAsync(new Uri(second.Address, "/dashboard/projects/new").ToString());
        var token = page.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        await second.DisposeAsync();
        await client.PostAsync(new Uri(third.Address, "/dashboard/projects").ToString(), ("form_token", token), ("name", "from another edge"));
        Assert.Contains("from another edge", client.Html);
        await third.DisposeAsync();

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        RunDirectory.Delete(directory.FullName);
    }

    private static void AssertFailed(PageClient client)
    {
        Assert.Equal("Sign in", client.Title);
        Assert.Contains("Reference: ", client.Text);
        Assert.DoesNotContain("own words", client.Html);
        Assert.DoesNotContain("<script>", client.Html);
        Assert.True((int)client.Response.StatusCode is 401 or 503, $"{client.Response.StatusCode}");
    }

    private async Task<PageClient> SignInAsync(Dictionary<string, object> person, string path = "/dashboard")
    {
        _provider.Person = person;
        var client = new PageClient(_edge.Address);
        await client.GetAsync(path);
        await client.GetAsync(client.Document.QuerySelector("a[href^='/dashboard/sign-in/openid']")!.GetAttribute("href")!);
        Assert.True(client.Title != "Sign in" || _provider.Fault is not null || _provider.Refuses is not null, client.Text + string.Join('\n', _edge.Logs.Lines.Where(line => line.EventName == "OpenIdSignInDetail")));
        return client;
    }

    /// <summary>The callback URL to which the provider redirects, not opened yet.</summary>
    private Task<Uri> CallbackAsync(PageClient client, Dictionary<string, object> person) => CallbackAsync(client, _provider, person);

    private static async Task<Uri> CallbackAsync(PageClient client, OpenIdProvider provider, Dictionary<string, object> person)
    {
        provider.Person = person;
        await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/dashboard/sign-in/openid"), follow: false);
        await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, client.Response.Headers.Location), follow: false);
        return client.Response.Headers.Location!;
    }

    private static async Task<PageClient> EnterAsync(PageClient client, RunningEdge edge, OpenIdProvider provider, Dictionary<string, object> person)
    {
        var response = await CallbackAsync(client, provider, person);
        await client.GetAsync(new Uri(edge.Address, response.PathAndQuery).ToString());
        return client;
    }

    private async Task<string> ProjectAsync(string name) => (string)(await _edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name }))["project"]!["id"]!;

    private async Task<JsonArray> MembersAsync() => (await _edge.SendAdminAsync(HttpMethod.Get, "/api/members"))["members"]!.AsArray();

    public sealed class Scene : IAsyncLifetime
    {
        public OpenIdProvider Provider { get; private set; } = null!;

        public RunningEdge Edge { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Provider = await OpenIdProvider.StartAsync();
            Edge = await RunningEdge.StartAsync([.. Provider.Settings, "Dashboard:OpenIdConnect:Owners=boss@example.com"]);
        }

        public async Task DisposeAsync()
        {
            await Edge.DisposeAsync();
            await Provider.DisposeAsync();
        }
    }
}
