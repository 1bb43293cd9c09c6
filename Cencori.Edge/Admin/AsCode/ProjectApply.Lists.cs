using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Admin.Prompts;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Plans prices, agents, prompts and keys of a project.</summary>
internal sealed partial class ProjectApply
{
    private static readonly string[] IdentityMembers = ["name", "key_type", "environment"];

    private void PlanPrices()
    {
        if (!requested.Members.ContainsKey("prices"))
        {
            return;
        }

        var body = new Part(new() { ["prices"] = requested.Members["prices"]?.DeepClone() }, requested.Path).As<PricesReplacement>(PriceRules.Json);
        var prices = new JsonObject { ["prices"] = CurrentState.Prices(body.Prices) };
        if (Difference.Of(prices, Current, ChangeReporter("project")).Count > 0)
        {
            Do(requested, () => editors.Prices.SetAsync(actor, _id, body, Expect("prices")));
        }
    }

    private async Task PlanAgentsAsync()
    {
        var (list, existing) = (requested.List("agents"), Current["agents"]!.AsArray());
        var matches = Match(list, existing, static (one, other) => (string?)one["name"] == (string?)other["name"]);
        foreach (var (agent, index) in list.Zip(matches))
        {
            var (name, tag) = ($"agent '{agent.Text("name")}'", $"agents[{index}]");
            var label = agent.Text("id") ?? $"{agent.Path} without id";
            var own = agent.Without("id", RateLimits, Budget);
            if (index < 0)
            {
                var body = own.As<NewAgent>();
                Add(agent, PlannedChange.Create, name, null, null, null, async () => _agents[label] = (await editors.Agents.CreateAsync(actor, _id, body)).Value.Id);
            }
            else
            {
                _agents[label] = (string)existing[index]!["id"]!;

                // In a change, null means unchanged for these members.
                foreach (var unset in own.Members.Where(member => member is { Key: "config" or "is_active" or "shadow_mode", Value: null }).ToList())
                {
                    own.Members.Remove(unset.Key);
                }

                NormalForm.OfAgent(own.Members);
                var changed = Difference.Of(own.Members, existing[index]!.AsObject(), ChangeReporter(name));
                var change = new Part(changed, agent.Path).As<AgentChange>();
                if (changed.Count > 0)
                {
                    Do(agent, () => editors.Agents.ChangeAsync(actor, _id, _agents[label], change, Expect(tag)));
                }
            }

            var before = index < 0 ? new() { [RateLimits] = NoLimits(), [Budget] = CurrentState.NoBudget() } : existing[index]!.AsObject();
            PlanLimits(agent, before, name, tag, () => _agents[label]);
            await PlanBudgetAsync(agent, before, name, tag, () => BudgetTarget.OfAgent(_id, _agents[label]));
        }
    }

    private void PlanPrompts()
    {
        foreach (var prompt in requested.List("prompts"))
        {
            var own = prompt.Without("id");
            var name = $"prompt '{prompt.Text("name")}'";
            var body = own.As<NewPrompt>();
            var existing = Current["prompts"]!.AsArray().OfType<JsonObject>().FirstOrDefault(one => (string?)one["name"] == body.Name);
            if (existing is null)
            {
                Add(prompt, PlannedChange.Create, name, null, null, null, () => editors.Prompts.CreateAsync(actor, _id, body));
                continue;
            }

            if (prompt.Members.ContainsKey("description") && body.Description != (string?)existing["description"])
            {
                throw prompt.Refuse("description", "The description of an existing prompt must stay the same. Omit the description.");
            }

            if (body.Content != (string?)existing["content"])
            {
                var id = (string)existing["id"]!;
                var version = new NewPromptVersion { Content = body.Content, Variables = body.Variables, ChangeMessage = body.ChangeMessage };
                var tag = $"prompts[{existing.GetElementIndex()}]";
                Add(prompt, PlannedChange.Change, name, "content", existing["content"]!.DeepClone(), body.Content, async () =>
                {
                    var added = await editors.Prompts.AddVersionAsync(actor, _id, id, version);
                    await editors.Prompts.DeployAsync(actor, _id, id, new() { VersionId = added.Value.Version.Id }, Expect(tag));
                });
            }
        }
    }

    private async Task PlanKeysAsync()
    {
        // Ignores each key of the document that no longer works, except a replaced (rotated) key whose old id is still in the document:
        // that key of the document is matched with the new key that replaced it, which has the same settings.
        var inactive = new List<InactiveKey>(current.InactiveKeys);
        var list = requested.List("api_keys").Where(key => !MatchesInactiveKey(inactive, key, one => !one.IsReplaced && (string?)one.Members["id"] == key.Text("id"))).ToList();
        var existing = Current["api_keys"]!.AsArray();
        var matches = Match(list, existing, AreAlike);
        foreach (var (key, index) in list.Zip(matches))
        {
            if (index < 0 && MatchesInactiveKey(inactive, key, one => AreAlike(key.Members, one.Members)))
            {
                continue;
            }

            var (name, tag, id) = ($"key '{key.Text("name")}'", $"api_keys[{index}]", index < 0 ? "" : (string)existing[index]!["id"]!);
            var label = key.Text("id") ?? $"{key.Path} without id";
            if (index < 0)
            {
                var own = key.Without("id", Budget);
                var body = own.As<NewApiKey>();
                Add(key, PlannedChange.Create, name, null, null, null, async () =>
                {
                    var created = (await editors.Keys.CreateAsync(actor, _id, body with { AgentId = body.AgentId is null ? null : _agents.GetValueOrDefault(body.AgentId, body.AgentId) })).Value;
                    _made.Add(new(created.Name, created.Id, created.FullKey!));
                    id = _keys[label] = created.Id;
                });
            }
            else
            {
                _keys[label] = id;
                PlanChange(key, existing[index]!.AsObject(), name, tag);
            }

            await PlanBudgetAsync(key, index < 0 ? new() { [Budget] = CurrentState.NoBudget() } : existing[index]!.AsObject(), name, tag, () => BudgetTarget.OfKey(_id, id));
        }
    }

    private static bool AreAlike(JsonObject one, JsonObject other) => Array.TrueForAll(IdentityMembers, field => JsonNode.DeepEquals(one[field], other[field]));

    /// <summary>True if the document names a key that no longer works. Each such key is matched at most once.</summary>
    private bool MatchesInactiveKey(List<InactiveKey> inactive, Part key, Predicate<InactiveKey> isMatch)
    {
        var index = inactive.FindIndex(isMatch);
        if (index < 0)
        {
            return false;
        }

        _notes.Add($"{key.Path}: key '{inactive[index].Members["name"]}' {inactive[index].Reason}. A document cannot make this key work again. To create a key, use another name.");
        inactive.RemoveAt(index);
        return true;
    }

    private void PlanChange(Part key, JsonObject existing, string name, string tag)
    {
        if (key.Members.ContainsKey("revoked"))
        {
            throw key.Refuse("revoked", "A document does not revoke keys. Revoke the key with the administration API or in the dashboard.");
        }

        foreach (var fixedOne in new[] { "key_type", "environment" })
        {
            if (key.Members.ContainsKey(fixedOne) && !JsonNode.DeepEquals(key.Members[fixedOne], existing[fixedOne]))
            {
                throw key.Refuse(fixedOne, $"The {fixedOne} of an existing key must stay the same. To create a new key, omit the id.");
            }
        }

        var own = key.Without("id", Budget, "key_type", "environment", "agent_id");
        own.As<ApiKeyChange>();
        if (own.Members["allowed_domains"] is JsonArray domains)
        {
            own.Members["allowed_domains"] = new JsonArray([.. Checks.NormalizeDomains([.. domains.Select(domain => (string)domain!)]).Select(domain => (JsonNode)domain)]);
        }

        NormalForm.Replace(own.Members, "allowed_domains", new JsonArray());
        NormalizeCidrs(own);
        var changed = Difference.Of(own.Members, existing, ChangeReporter(name));
        if (changed.Count > 0)
        {
            var (change, id) = (new Part(changed, key.Path).As<ApiKeyChange>(), (string)existing["id"]!);
            Do(key, () => editors.Keys.ChangeAsync(actor, _id, id, change, Expect(tag)));
        }
    }

    /// <summary>Maps each object of the document to an existing object: by id, or else to the first similar object that is not mapped yet.</summary>
    /// <returns>For each object, the index of the existing object. Negative: the object is new.</returns>
    private static int[] Match(IReadOnlyList<Part> list, JsonArray existing, Func<JsonObject, JsonObject, bool> isAlike)
    {
        var ids = existing.Select(one => (string)one!["id"]!).ToList();
        var matches = list.Select(part => part.Text("id") is { } id ? ids.IndexOf(id) : -1).ToArray();
        for (var index = 0; index < matches.Length; index++)
        {
            if (matches[index] >= 0 && Array.IndexOf(matches, matches[index]) < index)
            {
                throw list[index].Refuse("id", "This id appears twice.");
            }
        }

        for (var index = 0; index < matches.Length; index++)
        {
            if (matches[index] < 0)
            {
                matches[index] = ids.FindIndex(id => !matches.Contains(ids.IndexOf(id)) && isAlike(list[index].Members, existing[ids.IndexOf(id)]!.AsObject()));
            }
        }

        return matches;
    }

    private static JsonObject NoLimits() => new() { ["requests_per_minute"] = null, ["burst"] = null, ["tokens_per_minute"] = null, ["concurrent_requests"] = null };
}
