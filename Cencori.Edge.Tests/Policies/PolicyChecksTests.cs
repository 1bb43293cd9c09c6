using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Tests.Policies;

/// <summary>Policy documents that are refused, because they have no effect or another effect than their author probably expects.</summary>
public sealed class PolicyChecksTests(PolicyEdge at) : IClassFixture<PolicyEdge>
{
    private static readonly string LongName = new('n', 5_000);

    public static TheoryData<string, string, string> Refused => new()
    {
        { """{"rules":[],"rules":[{"name":"c","kind":"card"}]}""", "rules", "twice" },
        { """{"rules":[{"name":"c","kind":"card","action":"block","action":"off"}]}""", "rules[0].action", "twice" },
        { """{"rules":null}""", "rules", "it takes a list" },
        { """{"rules":[{"name":null,"kind":"card"}]}""", "rules[0].name", "it takes a text" },
        { Rule("\"name\":\"c\",\"kind\":\"card\",\"stage\":\"input,output\""), "rules[0].stage", "it takes one of input, output, both" },
        { Rule("\"name\":\"c\",\"kind\":\"card\",\"action\":\"monitor,mask\""), "rules[0].action", "it takes one of off, monitor" },
        { Rule("\"name\":\"c\",\"kind\":\"card\",\"roles\":[\"user,tool\"]"), "rules[0].roles[0]", "it takes one of user" },
        { Rule("\"name\":\" \",\"kind\":\"card\""), "rules[0].name", "visible" },
        { Rule("\"name\":\"\\u200b\",\"kind\":\"card\""), "rules[0].name", "visible" },
        { Rule($"\"name\":\"{LongName}\",\"kind\":\"card\""), "rules[0].name", "nnn…" },
        { Rule("\"name\":\"c\",\"kind\":\"card\",\"roles\":[\"user\",\"user\"]"), "rules[0].roles", "each only once" },
        { Rule("\"name\":\"c\",\"kind\":\"email\",\"allow\":[\"**\"]"), "rules[0].allow", "after a '*'" },
        { Rule("\"name\":\"c\",\"kind\":\"email\",\"allow\":[\"*a*\"]"), "rules[0].allow", "after a '*'" },
        { Rule("\"name\":\"c\",\"kind\":\"email\",\"allow\":[\"a*b*c\"]"), "rules[0].allow", "after a '*'" },
        { Rule("\"name\":\"c\",\"kind\":\"words\",\"words\":[\"a\",\"\\u200b\"]"), "rules[0].words", "visible" },
        { Rule("\"name\":\"c\",\"kind\":\"words\",\"words\":[\"a\",\"A\"],\"threshold\":2"), "rules[0].threshold", "count once" },
        { Rule("\"name\":\"c\",\"kind\":\"words\",\"words\":[\"é\",\"e\\u0301\"],\"threshold\":2"), "rules[0].threshold", "count once" },
        { Rule("\"name\":\"c\",\"kind\":\"canary\",\"canary\":\"\\u200b\\u200b\\u200b\\u200b\\u200b\\u200b\\u200babc\""), "rules[0].canary", "8 to" },
        { Rule("\"name\":\"c\",\"kind\":\"pattern\",\"pattern\":\"[0-9]{200}\""), "rules[0].max_match", "200" },
        { """{"rules":[{"name":"A b","kind":"card"},{"name":"a-b","kind":"iban"}]}""", "rules[1].name", "'a_b'" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_misleading_document_is_refused_with_the_field(string body, string field, string message)
    {
        var (project, _) = await at.CreateAsync("");
        var (status, response) = await PutAsync(project, body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = JsonNode.Parse(response)!;
        Assert.Contains(message, (string?)error["message"], StringComparison.Ordinal);
        Assert.Equal(field, (string?)error["param"]);
        Assert.True(response.Length < 1_000);
    }

    [Fact]
    public async Task Names_without_latin_letters_get_distinct_ids()
    {
        var (project, _) = await at.CreateAsync("""{"name":"北京","kind":"card"},{"name":"東京","kind":"iban"},{"name":"Ключи","kind":"api_key"}""");
        var first = await IdsAsync(project);
        Assert.Equal(3, first.Distinct().Count());
        Assert.All(first, id => Assert.Matches("^rule_[0-9a-f]{8}$", id));
        await at.SetAsync(project, """{"name":"東京","kind":"iban"},{"name":"北京","kind":"card"}""");
        Assert.Equal([first[1], first[0]], await IdsAsync(project));
    }

    private static string Rule(string members) => $$"""{"rules":[{{{members}}}]}""";

    private async Task<string[]> IdsAsync(string project) =>
        [.. (await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/policies", null))["rules"]!.AsArray().Select(rule => (string)rule!["id"]!)];

    private async Task<(HttpStatusCode Status, string Response)> PutAsync(string project, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await at.Edge.Admin.PutAsync($"/api/projects/{project}/policies", content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
