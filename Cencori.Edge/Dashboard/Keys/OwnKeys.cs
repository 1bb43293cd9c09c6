using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Playground;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>Ids that stand in the place of a key's where the edge itself has sent a request.</summary>
internal static class OwnKeys
{
    /// <summary>What it is called.</summary>
    /// <returns>Null: it is the id of a key.</returns>
    public static string? NameOf(string id) => id switch
    {
        PlaygroundRunner.KeyId => "Playground",
        ProviderTester.KeyId => "Provider test",
        _ => ShadowIds.RouteOf(id) is { } route ? $"Shadow of {route}" : null,
    };
}
