using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure.Edges;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Admin;

public class AdminTokenTests
{
    [Fact]
    public async Task A_configured_token_matches_itself_and_nothing_else()
    {
        await using var edge = await RunningEdge.StartAsync();
        var token = edge.Services.GetRequiredService<AdminToken>();

        Assert.True(token.Matches(RunningEdge.AdminToken));
        Gen.OneOf(Gen.String, Gen.Int[0, RunningEdge.AdminToken.Length - 1].Select(length => RunningEdge.AdminToken[..length]), Gen.Char.Select(c => RunningEdge.AdminToken + c))
            .Where(text => text != RunningEdge.AdminToken)
            .Sample(text => Assert.False(token.Matches(text)));
    }

    [Fact]
    public async Task A_generated_token_is_returned_once_and_only_its_hash_is_stored()
    {
        await using var edge = await RunningEdge.StartAsync();
        var contexts = edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>();
        var nothingConfigured = new ConfigurationBuilder().Build();
        await ForgetAsync(contexts);
        var first = new AdminToken(contexts, nothingConfigured);
        var second = new AdminToken(contexts, nothingConfigured);

        var token = await first.LoadAsync();
        Assert.NotNull(token);
        Assert.Null(await second.LoadAsync());
        Assert.True(first.Matches(token) && second.Matches(token));
        await using var database = await contexts.CreateDbContextAsync();
        Assert.DoesNotContain(await database.Settings.Select(row => row.Value).ToListAsync(), value => value.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_configured_token_stays_valid_after_the_setting_is_removed_and_earlier_tokens_never_work_again()
    {
        await using var edge = await RunningEdge.StartAsync();
        var contexts = edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>();
        await ForgetAsync(contexts);
        var generated = await new AdminToken(contexts, Setting(null)).LoadAsync();
        foreach (var set in (string[])["the-first-that-is-set", "the-second-that-is-set"])
        {
            Assert.Null(await new AdminToken(contexts, Setting(set)).LoadAsync());
            var later = new AdminToken(contexts, Setting(null));

            Assert.Null(await later.LoadAsync());
            Assert.True(later.Matches(set));
            Assert.False(later.Matches(generated!));
            Assert.Equal(set == "the-second-that-is-set", !later.Matches("the-first-that-is-set"));
        }
    }

    private static IConfiguration Setting(string? token) => new ConfigurationBuilder().AddInMemoryCollection([new(AdminToken.Setting, token)]).Build();

    // Removes all stored settings, so that the database contains no admin token.
    private static async Task ForgetAsync(IDbContextFactory<EdgeDbContext> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await database.Settings.ExecuteDeleteAsync();
    }

    [Fact]
    public async Task Nothing_matches_before_the_token_is_loaded()
    {
        await using var edge = await RunningEdge.StartAsync();
        var token = new AdminToken(edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>(), new ConfigurationBuilder().Build());

        Assert.False(token.Matches(""));
        Assert.False(token.Matches(RunningEdge.AdminToken));
    }

    [Theory]
    [InlineData("fifteen letters", false)]
    [InlineData("sixteen letters.", true)]
    [InlineData("csk_0123456789abcdef0123456789abcdef0123456789abcdef", false)]
    [InlineData("csk_0123456789abcdef0123456789abcdef0123456789abcde", true)]
    public async Task A_token_needs_16_characters_and_must_not_be_a_project_key(string configured, bool accepted)
    {
        await using var edge = await RunningEdge.StartAsync();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(AdminToken.Setting, configured)]).Build();
        var loading = new AdminToken(edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>(), configuration).LoadAsync();

        Assert.Equal(!accepted, await Record.ExceptionAsync(() => loading) is StartupException { Message: var message } && message.Contains("Admin:Token", StringComparison.Ordinal));
    }
}
