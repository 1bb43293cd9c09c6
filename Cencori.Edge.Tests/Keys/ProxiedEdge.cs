using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Keys;

/// <summary>An edge that trusts the forwarded addresses from this machine and from 10.0.0.0/8.</summary>
public sealed class ProxiedEdge : RespondingEdge
{
    protected override IEnumerable<string> Settings => ["ForwardedHeaders:KnownProxies=127.0.0.1 10.0.0.0/8"];

    /// <summary>Creates a project and a key, with network lists as JSON; null: no list.</summary>
    public async Task<(string Project, string KeyId, string Key)> CreateAsync(string? project, string? key, string type = "secret", object? more = null)
    {
        var id = await Edge.CreateProjectAsync("openai");
        var full = await Edge.CreateKeyAsync(id, type, more: more);
        var keyId = (string)(await Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}/api-keys"))["apiKeys"]![0]!["id"]!;
        if (key is not null)
        {
            await Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{id}/api-keys/{keyId}", $$"""{"allowed_cidrs":{{key}}}""");
        }

        await RestrictAsync(id, project);
        return (id, keyId, full);
    }

    public async Task RestrictAsync(string project, string? cidrs)
    {
        if (cidrs is not null)
        {
            await Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/networking", $$"""{"access_mode":"restricted","allowed_cidrs":{{cidrs}}}""");
        }
    }
}
