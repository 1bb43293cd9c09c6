using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Records;
using Cencori.Edge.Tests.Startup;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Tests.Commands;

/// <summary>The command <c>verify</c> with a running edge.</summary>
public sealed class VerifyCommandTests(MidMonthEdge scene) : IClassFixture<MidMonthEdge>
{
    [Fact]
    public async Task When_all_numbers_agree_it_prints_a_line_per_number_and_exits_with_0()
    {
        using var completed = await scene.ChatAsync();

        // Without a budget, the ledger closes before the record is stored, too.
        await scene.Edge.RowsOfAsync(scene.ProjectId, 1);
        await scene.Edge.AssertLedgerClosesAsync(scene.ProjectId);

        var (code, output, errors) = await RunAsync("--project", scene.ProjectId);

        Assert.Equal((0, ""), (code, errors));
        var lines = output.Split('\n');
        Assert.Equal($"test project ({scene.ProjectId}), {scene.Clock.GetUtcNow():yyyy-MM}: agrees.", lines[0]);
        Assert.Matches("^of +source +unit +value +expected +difference$", lines[2]);
        Assert.Contains(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^project +rollups +usd +0\.0000175 +0\.0000175 +0$"));
        Assert.Contains(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^project +counter +usd +not held$"));
    }

    [Fact]
    public async Task When_numbers_differ_it_names_them_and_exits_with_1()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 100 });
        using var completed = await scene.ChatAsync(await scene.Edge.CreateKeyAsync(project));
        await scene.Edge.AssertLedgerClosesAsync(project);
        await scene.Edge.ReadAsync(database =>
            database.UsageRollups.Where(row => row.ProjectId == project).ExecuteUpdateAsync(set => set.SetProperty(row => row.Picodollars, row => row.Picodollars + 250_000_000_000)));

        var (code, output, _) = await RunAsync($"--project={project}");

        Assert.Equal(1, code);
        Assert.Contains(": DOES NOT AGREE.", output, StringComparison.Ordinal);
        Assert.Matches(@"project +rollups +usd +0\.2500175 +0\.0000175 +0\.25(\n|$)", output);
    }

    [Fact]
    public async Task The_default_project_is_the_first_one_and_others_are_found_by_slug_or_name()
    {
        Assert.StartsWith("default (prj_", (await RunAsync()).Output, StringComparison.Ordinal);
        await scene.Edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "By Name!" });
        Assert.StartsWith("By Name! (prj_", (await RunAsync("--project", "By Name!")).Output, StringComparison.Ordinal);
        Assert.StartsWith("By Name! (prj_", (await RunAsync("--project", "by-name")).Output, StringComparison.Ordinal);

        await scene.Edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "By Name!" });
        await AssertNotAskedAsync("several projects are called 'By Name!'", "--project", "By Name!");
    }

    [Theory]
    [InlineData("there is no project 'nobody'", "--project", "nobody")]
    [InlineData("such as 20", "--month", "November")]
    [InlineData("rejects this token", "--Admin:Token=another-token-of-the-edge")]
    [InlineData("Admin:Token", "--Admin:Token=")]
    [InlineData("--url", "--url", "nonsense")]
    [InlineData("--url", "--url", "ftp://localhost")]
    [InlineData("--projct", "--projct", "default")]
    [InlineData("default", "default", "")]
    [InlineData("--project needs a value", "--project")]
    public Task An_impossible_check_is_reported_in_one_line_and_exits_with_2(string expected, params string[] options) => AssertNotAskedAsync(expected, options);

    [Fact]
    public async Task A_missing_edge_and_a_server_that_is_no_edge_are_reported()
    {
        await AssertNotAskedAsync("does not respond", "--url", $"http://127.0.0.1:{LoopbackPort.Next()}");
        await AssertNotAskedAsync("is not an edge", "--url", $"{scene.Provider.Address}");
    }

    private async Task AssertNotAskedAsync(string expected, params string[] options)
    {
        var (code, output, errors) = await RunAsync(options);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', errors);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] options)
    {
        // The last value of an option wins.
        var run = await ProgramRun.ToEndAsync(["verify", $"--url={scene.Edge.Address}", $"--Admin:Token={RunningEdge.AdminToken}", .. options]);
        Assert.DoesNotContain(RunningEdge.AdminToken, run.Output + run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("another-token", run.Output + run.Errors, StringComparison.Ordinal);
        return run;
    }
}
