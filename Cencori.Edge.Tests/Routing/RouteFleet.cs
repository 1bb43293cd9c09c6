using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Script = System.Func<
    Cencori.Edge.Tests.Infrastructure.Providers.ReceivedRequest,
    Cencori.Edge.Tests.Infrastructure.Providers.ScriptedResponse,
    System.Threading.Tasks.Task>;

namespace Cencori.Edge.Tests.Routing;

/// <summary>Four providers at one address. The credential of a request identifies its provider.</summary>
public sealed class RouteFleet : FleetEdge
{
    public static readonly string[] Names = ["openai", "groq", "mistral", "deepseek"];

    protected override IEnumerable<string> Settings => Names.Skip(1).Select(provider => RunningEdge.Destination(provider, Provider.Address));

    /// <summary>Creates a project with one credential per script, each with another provider and its own model, and a key.</summary>
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

    /// <summary>As <see cref="CreateProvidersAsync"/>, plus a route <c>fast</c> with one group per provider.</summary>
    /// <param name="more">Further members of the route's document.</param>
    /// <param name="scripts">The providers' responses.</param>
    public async Task<(string ProjectId, string Key, Account[] Accounts)> CreateRouteAsync(JsonObject? more, params Script[] scripts)
    {
        var created = await CreateProvidersAsync(scripts);
        var document = more ?? [];
        document["groups"] = new JsonArray([.. scripts.Select((_, place) => Group(Target(place)))]);
        await SetRouteAsync(created.ProjectId, "fast", document);
        return created;
    }

    public Task<JsonNode> SetRouteAsync(string project, string name, JsonNode document) => Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/{name}", document);

    public static JsonNode Group(params JsonNode[] targets) => new JsonObject { ["targets"] = new JsonArray(targets) };

    /// <summary>A target with the model of one provider.</summary>
    public static JsonObject Target(int place) => new() { ["model"] = $"{Names[place]}/{ModelOf(place)}" };

    public static string ModelOf(int place) => $"model-of-{Names[place]}";
}
