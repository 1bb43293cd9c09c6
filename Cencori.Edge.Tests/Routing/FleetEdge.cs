using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Script = System.Func<
    Cencori.Edge.Tests.Infrastructure.Providers.ReceivedRequest,
    Cencori.Edge.Tests.Infrastructure.Providers.ScriptedResponse,
    System.Threading.Tasks.Task>;

namespace Cencori.Edge.Tests.Routing;

/// <summary>An edge whose provider responds for each credential as its test says, and records the requests of each credential.</summary>
public class FleetEdge : ScriptedEdge
{
    private static int _last;

    private readonly ConcurrentDictionary<string, Account> _accounts = new();

    public FleetEdge() => Provider.Respond((request, response) => _accounts[SecretOf(request)].RespondAsync(request, response));

    public static Script RespondOk(int input = 3, int output = 1) => (_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", input, output));

    public static Script Refuse(int status, params (string Name, string Value)[] headers) => Say(status, """{"error":{"message":"no","type":"x","param":null,"code":null}}""", headers);

    public static Script Say(int status, string body, params (string Name, string Value)[] headers) => async (_, response) =>
    {
        await response.SendHeadAsync(status, [("Content-Type", "application/json"), ("Content-Length", Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture)), .. headers]);
        await response.SendAsync(body);
    };

    public static Script Reset() => (_, response) => response.ResetAsync();

    /// <summary>Creates a project with one credential per script, ranked in their order, and a key.</summary>
    public async Task<(string ProjectId, string Key, Account[] Accounts)> CreateAsync(params Script[] scripts) => await CreateAsync(isRanked: true, scripts);

    public Task<(string ProjectId, string Key, Account[] Accounts)> CreateAsync(bool isRanked, params Script[] scripts) => CreateAsync("openai", isRanked, scripts);

    public async Task<(string ProjectId, string Key, Account[] Accounts)> CreateAsync(string provider, bool isRanked, params Script[] scripts)
    {
        var project = (string)(await Edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "fleet" }))["project"]!["id"]!;
        await Edge.SetLimitsAsync(project, new { });
        var accounts = new List<Account>();
        for (var place = 0; place < scripts.Length; place++)
        {
            accounts.Add(await AddAccountAsync(project, provider, scripts[place], $"account {place}", isRanked ? place : 0, provider == "openai" ? null : new Uri(Provider.Address, "/v1")));
        }

        return (project, await Edge.CreateKeyAsync(project), [.. accounts]);
    }

    /// <summary>Adds a credential to a project.</summary>
    public async Task<Account> AddAccountAsync(string project, string provider, Script script, string name = "default", int rank = 0, Uri? baseUrl = null)
    {
        var account = new Account($"sk-fleet-{Interlocked.Increment(ref _last):d20}", script);
        _accounts[account.Secret] = account;
        await Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider, apiKey = account.Secret, name, rank, baseUrl });
        return account;
    }

    /// <summary>The targets of a project in cool-down.</summary>
    public async Task<List<(string Name, string? Model, string Reason, long Milliseconds)>> ListCoolDownsAsync(string projectId) =>
        [.. (await Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{projectId}/targets"))["targets"]!.AsArray().Select(target => ((string)target!["name"]!, (string?)target["model"], (string)target["reason"]!, (long)target["wait_ms"]!))];

    public static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : null;

    public static async Task<JsonNode> ErrorOf(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;

    private static string SecretOf(ReceivedRequest request) =>
        request.Headers.Single(header => header.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || header.Name.Equals("api-key", StringComparison.OrdinalIgnoreCase)).Value.Split(' ')[^1];

    /// <summary>The provider's view of one credential.</summary>
    public sealed class Account(string secret, Script script)
    {
        public string Secret { get; } = secret;

        public Script Script { get; set; } = script;

        public ConcurrentQueue<ReceivedRequest> Requests { get; } = new();

        public int Count => Requests.Count;

        public Task RespondAsync(ReceivedRequest request, ScriptedResponse response)
        {
            Requests.Enqueue(request);
            return Script(request, response);
        }
    }
}
