using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using CsCheck;

namespace Cencori.Edge.Tests.Admin.Concurrency;

/// <summary>Concurrent calls have the same responses and result as the same calls in some order.</summary>
public sealed class ParallelChangesProperties(EdgePairs pairs) : IClassFixture<EdgePairs>
{
    // All actions of one list change the same rows. Randomly chosen actions would rarely conflict.
    private static readonly Gen<Deed[]> Together = Gen.OneOfConst<Act[]>(
        [Act.RenameKey, Act.Revoke, Act.Rotate, Act.SetKeyBudget],
        [Act.Rotate],
        [Act.Rename, Act.SetModel, Act.SetLimits, Act.SetPrices],
        [Act.SetLimits],
        [Act.SetBudget, Act.SetKeyBudget],
        [Act.StoreCredential, Act.RemoveCredential],
        [Act.Delete, Act.CreateKey, Act.Rotate, Act.StoreCredential, Act.SetBudget, Act.SetLimits, Act.Rename])
        .SelectMany(acts => Gen.Select(Gen.OneOfConst(acts), Gen.Int[1, 3], Gen.Bool, (act, value, isGuarded) => new Deed(act, value, isGuarded)).Array[2, 3]);

    private enum Act
    {
        Rename,
        SetModel,
        SetLimits,
        SetPrices,
        SetBudget,
        SetKeyBudget,
        StoreCredential,
        RemoveCredential,
        CreateKey,
        RenameKey,
        Revoke,
        Rotate,
        Delete,
    }

    [Theory]
    [Trait(SlowestTests.Trait, "Each set of actions has its own project, and concurrent writers wait for each other.")]
    [OnSqlite]
    [OnPostgres]
    public async Task Concurrent_calls_end_as_in_some_order(string system)
    {
        var edges = pairs.On(system);
        var before = await (await Place.MakeAsync(edges[0])).ReadAsync(edges[0]);

        // Fewer samples on SQLite: a writer that finds the file locked tries again only after 150 ms.
        await Together.SampleAsync(deeds => CheckAsync(edges, before, deeds), iter: system == DatabaseEdge.Sqlite ? 10 : 20, threads: 1);
    }

    private static async Task CheckAsync(RunningEdge[] edges, State before, Deed[] deeds)
    {
        var existing = await Place.MakeAsync(edges[0]);
        var tags = await Task.WhenAll(deeds.Select(deed => existing.TagAsync(edges[0], deed)));
        var statuses = await Task.WhenAll(deeds.Select((deed, number) => existing.SendAsync(edges[number % 2], deed, tags[number])));
        var after = await existing.ReadAsync(edges[1]);

        Assert.True(
            Orders(deeds.Length).Any(order => IsExplainedBy(order)),
            $"{string.Join(", ", deeds.Zip(statuses))} of {before} ended as {after}");

        bool IsExplainedBy(int[] order)
        {
            var state = before;
            foreach (var number in order)
            {
                (var status, state) = deeds[number].Next(state, before);
                if (status != statuses[number])
                {
                    return false;
                }
            }

            return state == after;
        }
    }

    private static IEnumerable<int[]> Orders(int count) => count == 0
        ? [[]]
        : Orders(count - 1).SelectMany(order => Enumerable.Range(0, count).Select(at => (int[])[.. order[..at], count - 1, .. order[at..]]));

    /// <summary>The state of a project and of one of its keys. A null name means that the project has been deleted.</summary>
    private sealed record State(
        string? Name, string? Model, string Limits, string Prices, string Budget, string Credential, string KeyName, bool IsRevoked, string KeyBudget, string? Successor, int OtherKeys)
    {
        public static State Gone { get; } = new(null, null, "", "", "", "", "", false, "", null, 0);
    }

    /// <param name="Act">The action.</param>
    /// <param name="Value">One of three values, which differ in every member.</param>
    /// <param name="IsGuarded">True: with <c>If-Match</c>, if the object has an ETag.</param>
    private sealed record Deed(Act Act, int Value, bool IsGuarded)
    {
        public string? What => Act switch
        {
            Act.Rename or Act.SetModel or Act.Delete => "",
            Act.SetLimits => "/rate-limits",
            Act.SetPrices => "/prices",
            Act.SetBudget => "/budget",
            Act.SetKeyBudget => "/api-keys/K/budget",
            Act.RenameKey or Act.Revoke => "/api-keys/K",
            _ => null,
        };

        public string Limits => Value switch
        {
            1 => """{"requests_per_minute":1,"burst":1,"tokens_per_minute":null,"concurrent_requests":null}""",
            2 => """{"requests_per_minute":null,"burst":null,"tokens_per_minute":2,"concurrent_requests":null}""",
            _ => """{"requests_per_minute":null,"burst":null,"tokens_per_minute":null,"concurrent_requests":3}""",
        };

        public string Budget => $$"""{"monthly_budget_usd":{{Value}},"enforce":{{(Value == 2 ? "false" : "true")}},"alerts":[{{Value}}],"current_spend_usd":0,"unpriced":"allow","unpriced_requests":0,"warning":null,"webhook_url":null}""";

        public (HttpMethod Method, string Path, string? Body) Request => Act switch
        {
            Act.Rename => (HttpMethod.Patch, "", $$"""{"name":"n{{Value}}"}"""),
            Act.SetModel => (HttpMethod.Patch, "", $$"""{"default_model":"m{{Value}}"}"""),
            Act.SetLimits => (HttpMethod.Put, What!, Limits),
            Act.SetPrices => (HttpMethod.Put, What!, $$"""{"prices":[{"provider":"openai","model":"m{{Value}}","input":1,"output":1}]}"""),
            Act.SetBudget or Act.SetKeyBudget => (HttpMethod.Put, What!, Budget.Replace(""","current_spend_usd":0,"unpriced":"allow","unpriced_requests":0,"warning":null""", "", StringComparison.Ordinal)),
            Act.StoreCredential => (HttpMethod.Post, "/provider-keys", $$"""{"provider":"openai","apiKey":"sk-0123456789-000{{Value}}"}"""),
            Act.RemoveCredential => (HttpMethod.Delete, "/provider-keys/openai", null),
            Act.CreateKey => (HttpMethod.Post, "/api-keys", """{"name":"another","key_type":"secret","environment":"test"}"""),
            Act.RenameKey => (HttpMethod.Patch, What!, $$"""{"name":"k{{Value}}"}"""),
            Act.Revoke => (HttpMethod.Patch, What!, """{"revoked":true}"""),
            Act.Rotate => (HttpMethod.Post, "/api-keys/K/rotate", $$"""{"grace_period_hours":{{Value - 1}}}"""),
            _ => (HttpMethod.Delete, "", null),
        };

        /// <summary>The expected state after the action, and the expected status.</summary>
        public (HttpStatusCode Status, State State) Next(State state, State read) => (Act, state) switch
        {
            (_, { Name: null }) => (HttpStatusCode.NotFound, state),
            _ when IsGuarded && Seen(state) != Seen(read) => (HttpStatusCode.PreconditionFailed, state),
            (Act.Rename, _) => (HttpStatusCode.OK, state with { Name = $"n{Value}" }),
            (Act.SetModel, _) => (HttpStatusCode.OK, state with { Model = $"m{Value}" }),
            (Act.SetLimits, _) => (HttpStatusCode.OK, state with { Limits = Limits }),
            (Act.SetPrices, _) => (HttpStatusCode.OK, state with { Prices = $"m{Value}" }),
            (Act.SetBudget, _) => (HttpStatusCode.OK, state with { Budget = Budget }),
            (Act.SetKeyBudget, _) => (HttpStatusCode.OK, state with { KeyBudget = Budget }),
            (Act.StoreCredential, _) => (HttpStatusCode.Created, state with { Credential = $"...000{Value}" }),
            (Act.RemoveCredential, { Credential: "" }) => (HttpStatusCode.NotFound, state),
            (Act.RemoveCredential, _) => (HttpStatusCode.NoContent, state with { Credential = "" }),
            (Act.CreateKey, _) => (HttpStatusCode.Created, state with { OtherKeys = state.OtherKeys + 1 }),
            (Act.RenameKey, _) => (HttpStatusCode.OK, state with { KeyName = $"k{Value}" }),
            (Act.Revoke, _) => (HttpStatusCode.OK, state with { IsRevoked = true }),
            (Act.Rotate, { Successor: not null }) => (HttpStatusCode.Conflict, state),
            (Act.Rotate, { IsRevoked: true }) => (HttpStatusCode.BadRequest, state),
            (Act.Rotate, _) => (HttpStatusCode.Created, state with { Successor = $"{state.KeyName} {state.KeyBudget}" }),
            _ => (HttpStatusCode.NoContent, State.Gone),
        };

        // All members that the ETag covers.
        private string? Seen(State state) => What switch
        {
            "" => $"{state.Name} {state.Model}",
            "/rate-limits" => state.Limits,
            "/prices" => state.Prices,
            "/budget" => state.Budget,
            "/api-keys/K/budget" => state.KeyBudget,
            "/api-keys/K" => $"{state.KeyName} {state.IsRevoked} {state.Successor is null}",
            _ => null,
        };
    }

    private sealed record Place(string Project, string Key)
    {
        public static async Task<Place> MakeAsync(RunningEdge edge)
        {
            var project = "/api/projects/" + (string?)(await edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "p" }))["project"]!["id"];
            return new(project, (string)(await edge.SendAdminAsync(HttpMethod.Post, project + "/api-keys", new { name = "k", key_type = "secret", environment = "test" }))["apiKey"]!["id"]!);
        }

        public async Task<string?> TagAsync(RunningEdge edge, Deed deed)
        {
            if (!deed.IsGuarded || deed.What is null)
            {
                return null;
            }

            using var response = await edge.Admin.GetAsync(PathOf(deed.What));
            return response.Header("ETag");
        }

        public async Task<HttpStatusCode> SendAsync(RunningEdge edge, Deed deed, string? tag)
        {
            var (method, path, body) = deed.Request;
            using var request = new HttpRequestMessage(method, PathOf(path)) { Content = body is null ? null : RunningEdge.Json(body) };
            if (tag is not null)
            {
                request.Headers.TryAddWithoutValidation("If-Match", tag);
            }

            using var response = await edge.Admin.SendAsync(request);
            return response.StatusCode;
        }

        public async Task<State> ReadAsync(RunningEdge edge)
        {
            using var response = await edge.Admin.GetAsync(Project);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return State.Gone;
            }

            var project = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["project"]!;
            var keys = (await GetAsync(edge, "/api-keys"))["apiKeys"]!.AsArray();
            var key = keys.Single(key => (string?)key!["id"] == Key)!;
            var successor = keys.SingleOrDefault(one => (string?)one!["id"] == (string?)key["replaced_by"]);
            return new(
                (string?)project["name"],
                (string?)project["default_model"],
                (await GetAsync(edge, "/rate-limits")).ToJsonString(),
                string.Join(',', (await GetAsync(edge, "/prices"))["prices"]!.AsArray().Select(price => (string?)price!["model"])),
                await BudgetAsync(edge, "/budget"),
                string.Join(',', (await GetAsync(edge, "/provider-keys"))["providers"]!.AsArray().Select(stored => (string?)stored!["keyHint"])),
                (string)key["name"]!,
                (bool)key["revoked"]!,
                await BudgetAsync(edge, $"/api-keys/{Key}/budget"),
                successor is null ? null : $"{(string?)successor["name"]} {await BudgetAsync(edge, $"/api-keys/{successor["id"]}/budget")}",
                keys.Count - (successor is null ? 1 : 2));
        }

        // With SQLite, a whole amount has a decimal place: 5.0 instead of 5.
        private async Task<string> BudgetAsync(RunningEdge edge, string what) =>
            (await GetAsync(edge, what)).ToJsonString().Replace(".0,", ",", StringComparison.Ordinal);

        private Task<JsonNode> GetAsync(RunningEdge edge, string what) => edge.SendAdminAsync(HttpMethod.Get, PathOf(what));

        private string PathOf(string what) => Project + what.Replace("/K", "/" + Key, StringComparison.Ordinal);
    }
}
