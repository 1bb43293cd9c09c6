using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Routing.Routes;

/// <summary>A response of a route's target that breaks before the caller has received any of it.</summary>
public sealed class BrokenResponseTests(RouteFleet fleet) : IClassFixture<RouteFleet>
{
    private const string MaskMail = """{"rules":[{"name":"mail","kind":"email","action":"mask","stage":"output"}]}""";

    private static readonly string Whole = ScriptedEdge.ChatOf("fast");
    private static readonly string Streamed = ScriptedEdge.StreamedChat.Replace("gpt-4o", "fast", StringComparison.Ordinal);

    [Theory]
    [InlineData("once", false, 200)]
    [InlineData("once", true, 200)]
    [InlineData("never", false, 502)]
    [InlineData("never", true, 502)]
    public async Task A_response_that_breaks_before_its_first_byte_is_an_uncertain_outcome(string uncertain, bool isStream, int status)
    {
        var (project, key, accounts) = await fleet.CreateRouteAsync(new JsonObject { ["uncertain"] = uncertain }, Breaking(isStream, ""), RespondOk());

        using var response = await fleet.ChatAsync(key, isStream ? Streamed : Whole);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal([1, status == 200 ? 1 : 0], accounts.Select(account => account.Count));
        if (status == 502)
        {
            Assert.Equal("PROVIDER_ERROR", (await response.ErrorAsync()).Code);
        }

        var record = Assert.Single(await fleet.Edge.RowsOfAsync(project, 1));
        Assert.Equal(accounts.Sum(account => account.Count), record.Attempts?.Count ?? 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_response_that_breaks_while_a_policy_holds_it_is_not_repeated(bool hasLength)
    {
        var (project, key, accounts) = await fleet.CreateRouteAsync(null, Breaking(isStream: false, """{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"hi""", hasLength), RespondOk());
        await fleet.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/policies", JsonNode.Parse(MaskMail));

        using var response = await fleet.ChatAsync(key, Whole);

        Assert.Equal((502, "PROVIDER_ERROR"), await response.ErrorAsync() is var error ? (error.Status, error.Code) : default);
        Assert.Equal([1, 0], accounts.Select(account => account.Count));
        Assert.Single(await fleet.Edge.RowsOfAsync(project, 1));
    }

    private static Func<ReceivedRequest, ScriptedResponse, Task> Breaking(bool isStream, string first, bool hasLength = false) => async (_, response) =>
    {
        await response.SendHeadAsync(200, ("Content-Type", isStream ? "text/event-stream" : "application/json"), hasLength ? ("Content-Length", "1000") : ("Transfer-Encoding", "chunked"));
        if (first.Length == 0)
        {
            await response.ResetAsync();
            return;
        }

        // Not a reset, because it may discard what was sent.
        await (hasLength ? response.SendAsync(first) : response.SendChunkAsync(first));
        await response.CloseAsync();
    };
}
