using Cencori.Edge.Projects;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Commands;

/// <summary>Routes in a document.</summary>
public sealed class RouteDocumentTests : ConfigurationScene
{
    private const string Chat = """
              chat:
                groups:
                  - targets:
                      - model: openai:gpt-4o
                        weight: 3
                      - {model: groq/llama, weight: 1}

        """;

    [Fact]
    public async Task Routes_are_created_and_changed_and_unnamed_routes_stay()
    {
        await Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{Project}/routes/other", """{"groups":[{"targets":[{"model":"openai/o3"}]}]}""");
        await WriteAsync(Chat);

        Assert.Equal("""
            test-project
              + route 'chat'
            Nothing was changed: this is only the plan.
            """, WithoutNotes(await RunAsync("apply", Document, "--plan")));
        Assert.DoesNotContain("\"chat\"", await ExportAsync(Edge), StringComparison.Ordinal);

        var (code, output, errors) = await RunAsync("apply", Document);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("projects[0].routes.chat: The project has no enabled credential for the provider 'groq'", output, StringComparison.Ordinal);
        Assert.Equal("Nothing to do.", (await RunAsync("apply", Document)).Output);

        await WriteAsync(Chat + "        attempts: 2\n        when:\n          - if: {stream: true}\n            groups: [{targets: [{model: groq/llama}]}]\n");
        Assert.Equal("""
            test-project
              ~ route 'chat': when: null -> [{"if":{"stream":true},"groups":[{"balance":"weighted","targ…
              ~ route 'chat': attempts: 3 -> 2
            Applied.
            """, WithoutNotes(await RunAsync("apply", Document)));

        // Settings that a document omits from a route get their defaults; they do not stay.
        await WriteAsync(Chat);
        Assert.Contains("~ route 'chat': when: [", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);
        var routes = (await Edge.Services.GetRequiredService<ProjectCache>().GetAsync(Project))!.Routes;
        Assert.Equal(["chat", "other"], routes.Keys.Order());
        Assert.Equal((0, 3), (routes["chat"].Rules.Length, routes["chat"].Attempts));
    }

    [Fact]
    public async Task An_applied_export_changes_nothing_and_recreates_routes_at_another_edge()
    {
        var key = await KeyAsync("batch");
        var agent = await Edge.CreateAgentAsync(Project);
        var condition = $$"""{"keys":["{{key}}","key_of_nobody"],"agents":["{{agent}}"],"headers":{"x-tier":["yes","1"]},"input_tokens":{"over":1000} }""";
        await Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{Project}/routes/openai/gpt-4.1", $$"""{"when":[{"if":{{condition}},"groups":[{"targets":[{"model":"sandbox/x"}]}]}],"groups":[{"balance":"fast","targets":[{"model":"openai/gpt-4.1"}]}],"uncertain":"never"}""");
        Assert.Equal((0, "", ""), await RunAsync("export", "--output", Document));
        Assert.EndsWith("Nothing to do.", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);

        File.WriteAllText(Document, File.ReadAllText(Document).Replace("${env:OPENAI_API_KEY}", Secret, StringComparison.Ordinal));
        await using var other = await RunningEdge.StartAsync();
        var (code, output, errors) = await RunAsync(other, "apply", Document);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("+ route 'openai/gpt-4.1'", output, StringComparison.Ordinal);
        Assert.DoesNotContain("skipped", output, StringComparison.Ordinal);
        Assert.EndsWith("Nothing to do.", (await RunAsync(other, "apply", Document)).Output, StringComparison.Ordinal);

        // The route's conditions contain the ids of the other edge's key and agent.
        var project = (await other.SendAdminAsync(HttpMethod.Get, "/api/projects"))["projects"]!.AsArray().Single(one => (string)one!["slug"]! == "test-project")!["id"]!.ToString();
        var keys = (await other.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys"))["apiKeys"]!.AsArray();
        var agents = (await other.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/agents"))["data"]!.AsArray();
        var route = (await other.Services.GetRequiredService<ProjectCache>().GetAsync(project))!.Routes["openai/gpt-4.1"];
        Assert.Equal([(string)keys.Single(one => (string)one!["name"]! == "batch")!["id"]!, "key_of_nobody"], route.Rules[0].If.Keys.AsEnumerable());
        Assert.Equal([(string)Assert.Single(agents)!["id"]!], route.Rules[0].If.Agents.AsEnumerable());
        Assert.NotEqual(key, route.Rules[0].If.Keys[0]);
        Assert.Equal(["yes", "1"], route.Rules[0].If.Headers[0].Values.AsEnumerable());
    }

    [Theory]
    [InlineData("      chat:\n        groups:\n          - targets:\n              - model: nobody/x\n", ":8:", "routes.chat.groups[0].targets[0].model", "no provider 'nobody'")]
    [InlineData("      chat:\n        groups:\n          - targets:\n              - model: openai/x\n                wieght: 2\n", ":9:", "routes.chat.groups[0].targets[0].wieght", "Did you mean 'weight'")]
    [InlineData("      chat:\n        groups:\n          - targets: [{model: openai/x}]\n        when:\n          - if:\n              headers:\n                x-tier: free\n            groups: []\n", ":11:", "headers.x-tier", "a list")]
    [InlineData("      fast:\n        groups:\n          - targets: [{model: openai/x}]\n", ":5:", "routes.fast", "'fast' is an alias")]
    [InlineData("      a b:\n        groups:\n          - targets: [{model: openai/x}]\n", ":5:", "routes.a b", "The name of a route")]
    [InlineData("      chat: gpt-4o\n", ":5:", "routes.chat", "must be an object")]
    public async Task An_invalid_route_is_refused_with_its_line_and_nothing_is_applied(string routes, string line, string path, string reported)
    {
        await Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{Project}", new { model_aliases = new { fast = "gpt-4o" } });
        await WriteAsync(routes);
        var before = await ExportAsync(Edge);

        var (code, _, errors) = await RunAsync("apply", Document);

        Assert.NotEqual(0, code);
        Assert.Contains(line, errors, StringComparison.Ordinal);
        Assert.Contains(path, errors, StringComparison.Ordinal);
        Assert.Contains(reported, errors, StringComparison.Ordinal);
        Assert.Equal(before, await ExportAsync(Edge));
    }

    private static string WithoutNotes((int Code, string Output, string Errors) run)
    {
        Assert.Equal((0, ""), (run.Code, run.Errors));
        return string.Join(Environment.NewLine, run.Output.Split(Environment.NewLine).Where(line => !line.StartsWith("    ", StringComparison.Ordinal)));
    }

    private Task WriteAsync(string routes) => File.WriteAllTextAsync(Document, $"version: 1\nprojects:\n  - slug: test-project\n    routes:\n{routes}");
}
