using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Script = System.Func<
    Cencori.Edge.Tests.Infrastructure.ReceivedRequest,
    Cencori.Edge.Tests.Infrastructure.ScriptedResponse,
    System.Threading.Tasks.Task>;

namespace Cencori.Edge.Tests.Routing;

/// <summary>A fleet of four providers: the credential that a request came with says which one it is for.</summary>
public sealed class RouteFleet : FleetEdge
{
    public static readonly string[] Names = ["openai", "groq", "mistral", "deepseek"];

    protected override IEnumerable<string> Settings => Names.Skip(1).Select(provider => RunningEdge.Destination(provider, Provider.Address));

    /// <summary>A project with one credential for each script, each with another provider, whose model is called by its name; and a key of it.</summary>
    public async Task<(string ProjectId, string Key, Account[] Accounts)> CreateProvidersAsync(params Script[] scripts)
    {
        var (project, key, _) = await CreateAsync();
        var accounts = new List<Account>();
        foreach (var (place, script) in scripts.Index())
        {
            accounts.Add(await AddAccountAsync(project, Names[place], script));
        }

        return (project, key, [.. accounts]);
    }

    /// <summary>Likewise, and a route <c>fast</c> with a group for each of them.</summary>
    /// <param name="more">Of the route's document.</param>
    /// <param name="scripts">What they answer.</param>
    public async Task<(string ProjectId, string Key, Account[] Accounts)> CreateRouteAsync(JsonObject? more, params Script[] scripts)
    {
        var made = await CreateProvidersAsync(scripts);
        var document = more ?? [];
        document["groups"] = new JsonArray([.. scripts.Select((_, place) => Group(Target(place)))]);
        await SetRouteAsync(made.ProjectId, "fast", document);
        return made;
    }

    public Task<JsonNode> SetRouteAsync(string project, string name, JsonNode document) => Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/{name}", document);

    public static JsonNode Group(params JsonNode[] targets) => new JsonObject { ["targets"] = new JsonArray(targets) };

    /// <summary>The model of one of the providers.</summary>
    public static JsonObject Target(int place) => new() { ["model"] = $"{Names[place]}/{ModelOf(place)}" };

    public static string ModelOf(int place) => $"model-of-{Names[place]}";
}
