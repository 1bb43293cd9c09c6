using System.Text.Json.Nodes;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Admin.Providers;

/// <summary>After any sequence of stores, changes and deletions, the credentials and their order of use equal those of a simple dictionary.</summary>
public sealed class CredentialProperties(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    private static readonly Gen<string> Names = Gen.OneOfConst("default", "a", "B", "ü", "a|b", "openai|Production");

    private static readonly Gen<Deed> Deeds = Gen.Select(Gen.Int[0, 9], Names, Names, Gen.Int[0, 2], Gen.Int[0, 2], Gen.Bool, (what, name, other, weight, rank, enabled) => new Deed(what, name, other, weight, rank, enabled));

    [Fact, Trait(SlowestTests.Trait, "About 250 actions run one after another.")]
    public async Task Credentials_match_the_model_after_any_sequence() => await Deeds.Array[1, 12].SampleAsync(
        async deeds =>
        {
            var project = await scene.Edge.CreateProjectAsync();
            var path = $"/api/projects/{project}/provider-keys";
            var model = new Dictionary<string, Kept>(StringComparer.Ordinal);
            var count = 0;
            foreach (var deed in deeds)
            {
                using var response = await DoAsync(path, deed, $"sk-{count++}");
                Assert.Equal(Expect(model, deed, $"sk-{count - 1}"), (int)response.StatusCode);
                if (response.IsSuccessStatusCode && response.Content.Headers.ContentLength != 0 && model.TryGetValue(deed.What is > 4 and < 8 ? deed.Other : deed.Name, out var kept))
                {
                    kept.Id ??= (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())?["provider"]?["id"];
                }
            }

            var listed = (await scene.Edge.SendAdminAsync(HttpMethod.Get, path))["providers"]!.AsArray();
            Assert.Equal(
                model.OrderBy(one => one.Key != "default").ThenBy(one => one.Key, StringComparer.Ordinal).Select(one => (one.Key, one.Value.Id, one.Value.Weight, one.Value.Rank, one.Value.IsEnabled)),
                listed.Select(one => ((string)one!["name"]!, (string?)one["id"], (int)one["weight"]!, (int)one["rank"]!, (bool)one["enabled"]!)));
            var snapshot = (await scene.Edge.Services.GetRequiredService<ProjectCache>().GetAsync(project))!;
            Assert.Equal(
                model.Where(one => one.Value.IsEnabled).OrderBy(one => one.Value.Rank).ThenBy(one => one.Value.Weight == 0).ThenBy(one => one.Key != "default").ThenBy(one => one.Key, StringComparer.Ordinal).Select(one => (one.Value.Id, one.Value.Secret)),
                snapshot.CredentialsOf("openai", KeyEnvironment.Production).Select(one => ((string?)one.Id, one.Secret!)));
        },
        iter: 25,
        threads: 1);

    private static int Expect(Dictionary<string, Kept> model, Deed deed, string secret)
    {
        if (deed.What <= 4)
        {
            if (!model.TryGetValue(deed.Name, out var stored))
            {
                stored = model[deed.Name] = new();
            }

            stored.Secret = secret;

            // Absent members stay unchanged.
            if (deed.What > 1)
            {
                (stored.Weight, stored.Rank, stored.IsEnabled) = (deed.Weight, deed.Rank, deed.IsEnabled);
            }

            return 201;
        }

        if (!model.TryGetValue(deed.Name, out var one))
        {
            return 404;
        }

        if (deed.What >= 8)
        {
            model.Remove(deed.Name);
            return 204;
        }

        if (deed.Other != deed.Name && model.ContainsKey(deed.Other))
        {
            return 409;
        }

        model.Remove(deed.Name);
        model[deed.Other] = one;
        (one.Weight, one.Rank, one.IsEnabled) = (deed.Weight, deed.Rank, deed.IsEnabled);
        return 200;
    }

    private async Task<HttpResponseMessage> DoAsync(string path, Deed deed, string secret)
    {
        var named = $"{path}/openai?name={Uri.EscapeDataString(deed.Name)}";
        var (method, address, body) = deed.What switch
        {
            0 or 1 => (HttpMethod.Post, path, (object?)new { provider = "openai", apiKey = secret, name = deed.Name }),
            <= 4 => (HttpMethod.Post, path, new { provider = "openai", apiKey = secret, name = deed.Name, weight = deed.Weight, rank = deed.Rank, enabled = deed.IsEnabled }),
            < 8 => (HttpMethod.Patch, named, new { name = deed.Other, weight = deed.Weight, rank = deed.Rank, enabled = deed.IsEnabled }),
            _ => (HttpMethod.Delete, named, null),
        };
        using var request = new HttpRequestMessage(method, address) { Content = body is null ? null : RunningEdge.Json(body) };
        return await scene.Edge.Admin.SendAsync(request);
    }

    private sealed record Deed(int What, string Name, string Other, int Weight, int Rank, bool IsEnabled);

    private sealed class Kept
    {
        public string? Id { get; set; }

        public string Secret { get; set; } = "";

        public int Weight { get; set; } = 1;

        public int Rank { get; set; }

        public bool IsEnabled { get; set; } = true;
    }
}
