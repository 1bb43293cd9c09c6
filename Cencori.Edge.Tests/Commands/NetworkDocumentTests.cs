namespace Cencori.Edge.Tests.Commands;

/// <summary>Allowed networks in a document.</summary>
public sealed class NetworkDocumentTests : ConfigurationScene
{
    [Fact]
    public async Task Networks_apply_and_another_spelling_is_no_difference()
    {
        var id = await KeyAsync("backend");
        Write("{access_mode: restricted, allowed_cidrs: ['::ffff:10.0.0.0/104', 203.0.113.7]}", $"[{{id: {id}, name: backend, key_type: secret, environment: test, allowed_cidrs: ['2001:DB8::/32', 10.0.0.1]}}, {{name: other, key_type: secret, environment: test, allowed_cidrs: []}}]");

        var (code, output, errors) = await RunAsync("apply", Document);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("~ project: networking.access_mode: \"public\" -> \"restricted\"", output, StringComparison.Ordinal);
        Assert.Contains("""~ project: networking.allowed_cidrs: [] -> ["10.0.0.0/8","203.0.113.7/32"]""", output, StringComparison.Ordinal);
        Assert.Contains("""~ key 'backend': allowed_cidrs: null -> ["2001:db8::/32","10.0.0.1/32"]""", output, StringComparison.Ordinal);
        Assert.Equal("""{"access_mode":"restricted","allowed_cidrs":["10.0.0.0/8","203.0.113.7/32"]}""", (await Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{Project}/networking")).ToJsonString());
        Assert.EndsWith("Nothing to do.", (await RunAsync("apply", Document)).Output, StringComparison.Ordinal);

        // Settings that the document does not name stay.
        Write("{access_mode: public}", "[]");
        Assert.Equal(0, (await RunAsync("apply", Document)).Code);
        Assert.Equal("""{"access_mode":"public","allowed_cidrs":["10.0.0.0/8","203.0.113.7/32"]}""", (await Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{Project}/networking")).ToJsonString());
    }

    [Fact]
    public async Task The_plan_already_warns_about_an_empty_list()
    {
        Write("{access_mode: restricted, allowed_cidrs: []}", "[]");
        foreach (var arguments in (string[][])[["apply", Document, "--plan"], ["apply", Document]])
        {
            Assert.Contains("projects[0].networking: The list is empty and access is restricted", (await RunAsync(arguments)).Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{access_mode: restricted, allowed_cidrs: [10.0.0.0/8, 10.0.0.0/8, 10.0.0.5/8]}", "[]", "projects[0].networking.allowed_cidrs", "no. 3")]
    [InlineData("{access_mode: closed, allowed_cidrs: []}", "[]", "projects[0].networking.access_mode", "restricted")]
    [InlineData("{allowed_networks: []}", "[]", "projects[0].networking.allowed_networks", "Unknown field")]
    [InlineData("{allowed_cidrs: [8]}", "[]", "projects[0].networking.allowed_cidrs", "")]
    [InlineData("[]", "[]", "projects[0].networking", "object")]
    [InlineData("{}", "[{name: k, key_type: secret, environment: test, allowed_cidrs: [localhost]}]", "projects[0].api_keys[0].allowed_cidrs", "no. 1")]
    public async Task A_fault_is_reported_with_its_place_and_nothing_is_applied(string networking, string keys, string place, string reported)
    {
        Write(networking, keys);
        var before = await ExportAsync(Edge);

        var (code, _, errors) = await RunAsync("apply", Document);

        Assert.NotEqual(0, code);
        Assert.Contains(place, errors, StringComparison.Ordinal);
        Assert.Contains(reported, errors, StringComparison.Ordinal);
        Assert.Equal(before, await ExportAsync(Edge));
    }

    private void Write(string networking, string keys) => File.WriteAllText(Document, $"version: 1\nprojects:\n  - slug: test-project\n    networking: {networking}\n    api_keys: {keys}\n");
}
