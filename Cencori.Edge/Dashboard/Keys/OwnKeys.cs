using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Playground;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>Names for the ids that replace a key id in records of the edge's own requests: provider tests, playground, shadow copies.</summary>
internal static class OwnKeys
{
    /// <summary>Returns the name to show for an id.</summary>
    /// <returns>Null: the id is that of a real key.</returns>
    public static string? NameOf(string id) => id switch
    {
        PlaygroundRunner.KeyId => "Playground",
        ProviderTester.KeyId => "Provider test",
        _ => ShadowIds.RouteOf(id) is { } route ? $"Shadow of {route}" : null,
    };
}
