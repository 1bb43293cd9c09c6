using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Wire;

/// <summary>The official JavaScript SDK. The requirements are in <c>JavaScript/sdk.test.mjs</c>.</summary>
public sealed class JavaScriptSdkTests
{
    [NodeFact(NodeScript.Directory, "openai")]
    [Trait(SlowestTests.Trait, "A Node process loads the SDK.")]
    public async Task The_official_JavaScript_SDK_reads_every_response_and_every_error_below_v1() => await RunAsync("/v1");

    [NodeFact(NodeScript.Directory, "openai")]
    [Trait(SlowestTests.Trait, "A Node process loads the SDK.")]
    public async Task The_official_JavaScript_SDK_reads_every_response_and_every_error_below_api_v1() => await RunAsync("/api/v1");

    private static async Task RunAsync(string path)
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(401, """{"error":{"message":"no"}}"""));
        await using var edge = await RunningEdge.StartAsync(provider);
        var limited = await edge.CreateProjectAsync();
        await edge.SetLimitsAsync(limited, new { requests_per_minute = 30, burst = 1 });
        var unreachable = await edge.CreateProjectAsync();
        await edge.StoreProviderKeyAsync(unreachable, "openai", baseUrl: "http://no-such-host.invalid/v1");
        var test = await edge.CreateProjectAsync();

        var report = await NodeScript.RunAsync<Case>("sdk.test.mjs", new()
        {
            ["BASE_URL"] = new Uri(edge.Address, path).AbsoluteUri,
            ["API_KEY"] = await edge.CreateKeyAsync(test, environment: "test"),
            ["DENIED_KEY"] = await edge.CreateKeyAsync(test, environment: "test", more: new { allowed_models = Array.Empty<string>() }),
            ["LIMITED_KEY"] = await edge.CreateKeyAsync(limited, environment: "test"),
            ["UNREACHABLE_KEY"] = await edge.CreateKeyAsync(unreachable),
            ["REFUSED_KEY"] = await edge.CreateOpenAIKeyAsync(),
        });

        Assert.All(report, one => Assert.True(one.Failure is null, $"{one.Name}: {one.Failure}"));
        Assert.Equal(16, report.Count);
        Assert.Single(provider.Requests);
    }

    private sealed record Case(string Name, string? Failure);
}
