using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Playground;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>Ids that stand for a key in records of requests that the edge sent itself.</summary>
internal static class OwnKeys
{
    /// <summary>The name to show for such an id.</summary>
    /// <returns>Null: it is the id of a real key.</returns>
    public static string? NameOf(string id) => id switch
    {
        PlaygroundRunner.KeyId => "Playground",
        ProviderTester.KeyId => "Provider test",
        _ => ShadowIds.RouteOf(id) is { } route ? $"Shadow of {route}" : null,
    };
}
