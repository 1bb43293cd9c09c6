using System.Net;
using System.Text.Json.Nodes;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Policies;

namespace Cencori.Edge.Tests.Dashboard.Projects;

/// <summary>Services of policies on the pages: guardrails in rule forms and the live test, and the webhook.</summary>
public sealed class PolicyServicesTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private const string Secret = "a-secret-of-the-judge-0123456789";

    [Fact]
    public async Task A_guardrail_is_created_with_fields_keeps_its_secret_and_deletes_it_on_request()
    {
        var (client, id, path) = await OpenAsync();
        using (client)
        {
            await client.GetAsync(path + "/new");
            await client.SubmitAsync(
                path, ("name", "Judge"), ("kind", "guardrail"), ("action", "block"), ("guardrail.type", "http"), ("guardrail.url", " https://judge.example/check "), ("guardrail.secret", Secret),
                ("guardrail.timeout_ms", "500"), ("guardrail.on_failure", "allow"),

                // Fields of other types: a browser without scripts sends them all.
                ("guardrail.language", "de"), ("guardrail.score_threshold", "0.9"), ("guardrail.categories", "PERSON"), ("words", "falcon"));
            Assert.Contains("The rule has been created.", client.Text, StringComparison.Ordinal);
            Assert.Contains("http at judge.example", client.Document.QuerySelector("tbody tr")!.TextContent, StringComparison.Ordinal);
            Assert.Equal("""{"type":"http","url":"https://judge.example/check","has_secret":true,"timeout_ms":500,"on_failure":"allow"}""", await GuardrailAsync(id));

            // Sending the form unchanged changes nothing.
            await client.GetAsync(path + "/edit/judge");
            Assert.DoesNotContain(Secret, client.Html, StringComparison.Ordinal);
            await client.SubmitAsync(path + "/edit/judge");
            Assert.Contains("Version 1.", client.Text, StringComparison.Ordinal);

            await client.GetAsync(path + "/edit/judge");
            await client.SubmitAsync(path + "/edit/judge", ("guardrail.url", "https://elsewhere.example/"));
            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            Assert.Contains("for another server, send the secret again", client.Document.GetElementById("guardrail.secret-problem")!.TextContent, StringComparison.Ordinal);
            Assert.Equal("https://elsewhere.example/", client.Document.QuerySelector<IHtmlInputElement>("[name='guardrail.url']")!.Value);
            await client.SubmitAsync(path + "/edit/judge", ("guardrail.no_secret", "on"));
            Assert.Equal("""{"type":"http","url":"https://elsewhere.example/","timeout_ms":500,"on_failure":"allow"}""", await GuardrailAsync(id));

            await client.GetAsync(path + "/edit/judge");
            await client.SubmitAsync(path + "/edit/judge", ("guardrail.secret", Secret));
            await client.GetAsync(path + "/edit/judge");
            await client.SubmitAsync(
                path + "/edit/judge", ("guardrail.type", "presidio"), ("guardrail.categories", "PERSON\r\n\r\nLOCATION"), ("guardrail.score_threshold", "0.7"), ("guardrail.language", "de"),
                ("guardrail.timeout_ms", ""), ("guardrail.on_failure", ""));
            Assert.Equal("""{"type":"presidio","url":"https://elsewhere.example/","categories":["PERSON","LOCATION"],"score_threshold":0.7,"language":"de"}""", await GuardrailAsync(id));
            await client.GetAsync(path + "/edit/judge");
            Assert.Equal(("presidio", "PERSON\nLOCATION", "de"), (
                client.Document.QuerySelector("[id='guardrail.type'] option[selected]")!.GetAttribute("value"),
                client.Document.QuerySelector("[name='guardrail.categories']")!.TextContent, client.Document.QuerySelector("[name='guardrail.language']")!.GetAttribute("value")));
            await client.SubmitAsync(path + "/edit/judge");
            Assert.Contains("Version 4.", client.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("http", "url", "", "url is missing")]
    [InlineData("http", "url", "ftp://judge.example/", "url must be an absolute")]
    [InlineData("http", "secret", "short", "secret must have 16 to 256")]
    [InlineData("http", "timeout_ms", "10", "timeout_ms must be from 50 to 10000")]
    [InlineData("http", "timeout_ms", "1,5", "a whole number")]
    [InlineData("http", "on_failure", "explode", "Choose what happens on failure")]
    [InlineData("other", "type", "other", "Choose a protocol")]
    [InlineData("openai_moderation", "score_threshold", "2", "score_threshold must be from 0 to 1")]
    [InlineData("presidio", "score_threshold", "0,5", "such as 0.5")]
    [InlineData("presidio", "language", "d3", "language must be a language code such as 'en'")]
    public async Task An_invalid_guardrail_shows_its_error_at_the_field(string type, string field, string value, string reported)
    {
        var (client, id, path) = await OpenAsync();
        using (client)
        {
            await client.GetAsync(path + "/new");
            (string Name, string Value)[] typed = [("guardrail.type", type), ("guardrail.url", "https://judge.example/")];
            await client.SubmitAsync(path, [("name", "Judge"), ("kind", "guardrail"), .. typed.Where(one => one.Name != "guardrail." + field), ("guardrail." + field, value)]);

            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            var alert = client.Document.QuerySelector("[role=alert]")!;
            Assert.Contains(reported, alert.TextContent, StringComparison.Ordinal);
            Assert.DoesNotContain("rules[", alert.TextContent, StringComparison.Ordinal);
            Assert.Equal("#guardrail." + field, alert.QuerySelector("a")!.GetAttribute("href"));
            Assert.NotNull(client.Document.GetElementById("guardrail." + field));
            Assert.Contains(reported, client.Document.GetElementById($"guardrail.{field}-problem")!.TextContent, StringComparison.Ordinal);
            Assert.Empty((await PoliciesAsync(id))["rules"]!.AsArray());
        }
    }

    [Fact]
    public async Task The_live_test_shows_guardrail_messages_as_text()
    {
        await using var judge = new ScriptedProvider();
        judge.Respond((request, response) => request.BodyText.Contains("Ann", StringComparison.Ordinal)
            ? response.JsonAsync(200, """{"action":"BLOCKED","blocked_reason":"<img src=x onerror=alert(1)>\u202e speaks of Ann"}""")
            : response.JsonAsync(request.BodyText.Contains("down", StringComparison.Ordinal) ? 500 : 200, """{"action":"NONE"}"""));
        var (client, id, path) = await OpenAsync();
        using (client)
        {
            await at.SetAsync(id, $$$"""{"name":"The judge","kind":"guardrail","action":"block","guardrail":{"type":"http","url":"{{{judge.Address}}}","timeout_ms":10000}}""");
            await client.GetAsync(path + "/test");
            await client.SubmitAsync(path + "/test", ("content", "It is about Ann."));
            Assert.Equal(("The judge", "hit"), (client.Document.QuerySelector("#guardrails tbody th")!.TextContent.Trim(), client.Document.QuerySelector("#guardrails .badge")!.TextContent));
            Assert.Contains("<img src=x onerror=alert(1)>\\u202E speaks of Ann", client.Document.QuerySelector("#guardrails [data-label=Message]")!.TextContent, StringComparison.Ordinal);
            Assert.Empty(client.Document.QuerySelectorAll("main img"));
            Assert.Contains("Refused: guardrail.the_judge.", client.Text, StringComparison.Ordinal);

            await client.SubmitAsync(path + "/test", ("content", "nobody"));
            Assert.Equal("passed", client.Document.QuerySelector("#guardrails .badge")!.TextContent);
            Assert.Contains("No findings", client.Text, StringComparison.Ordinal);

            await client.SubmitAsync(path + "/test", ("content", "it is down"));
            Assert.Contains("failed refused with 503", client.Document.QuerySelector("#guardrails [data-label=Verdict]")!.TextContent, StringComparison.Ordinal);
            Assert.Contains("Refused with 503", client.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_webhook_is_set_tested_and_removed_and_viewers_see_only_its_server()
    {
        await using var receiver = new ScriptedProvider();
        receiver.Respond((_, response) => response.JsonAsync(500, "{}"));
        var (client, id, path) = await OpenAsync("""{"name":"Mail","kind":"email","action":"mask"}""");
        using (client)
        {
            Assert.Empty(client.Document.QuerySelectorAll("form[action$='/webhook/test']"));
            await client.SubmitAsync(path + "/settings", ("webhook.url", "ftp://ops.example/"), ("webhook.secret", Secret));
            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            Assert.StartsWith("url must be absolute", client.Document.GetElementById("webhook.url-problem")!.TextContent, StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, client.Html, StringComparison.Ordinal);

            var url = new Uri(receiver.Address, "/of-blocks").ToString();
            await client.SubmitAsync(path + "/settings", ("webhook.url", url), ("webhook.secret", Secret));
            Assert.Contains("Saved.", client.Text, StringComparison.Ordinal);
            await client.SubmitAsync(path + "/settings", ("unscannable_parts", "block"));
            Assert.Equal($$"""{"url":"{{url}}","has_secret":true}""", (await PoliciesAsync(id))["webhook"]!.ToJsonString());

            await client.SubmitAsync(path + "/webhook/test");
            Assert.Contains("The webhook did not accept the test. The webhook responded with 500.", client.Document.QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
            Assert.Single((await receiver.NextRequestAsync()).Values("X-Cencori-Signature"));

            using (var viewer = await at.Edge.SignedInAsync(UserRole.Viewer, id))
            {
                await viewer.GetAsync(path);
                Assert.Contains(receiver.Address.Authority, viewer.Text, StringComparison.Ordinal);
                Assert.DoesNotContain("of-blocks", viewer.Html, StringComparison.Ordinal);
            }

            await client.SubmitAsync(path + "/settings", ("webhook.no_secret", "on"));
            Assert.Equal($$"""{"url":"{{url}}"}""", (await PoliciesAsync(id))["webhook"]!.ToJsonString());
            await client.SubmitAsync(path + "/settings", ("webhook.url", ""));
            Assert.Null((await PoliciesAsync(id))["webhook"]);
        }
    }

    private Task<JsonNode> PoliciesAsync(string project) => at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/policies");

    private async Task<string> GuardrailAsync(string project) => Assert.Single((await PoliciesAsync(project))["rules"]!.AsArray())!["guardrail"]!.ToJsonString();

    private async Task<(PageClient Client, string Id, string Path)> OpenAsync(string rules = "")
    {
        var id = await at.Edge.CreateProjectAsync("openai");
        if (rules.Length > 0)
        {
            await at.SetAsync(id, rules);
        }

        var slug = (string)(await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!;
        var client = await PageClient.SignedInAsync(at.Edge);
        await client.GetAsync($"/dashboard/p/{slug}/policies");
        return (client, id, $"/dashboard/p/{slug}/policies");
    }
}
