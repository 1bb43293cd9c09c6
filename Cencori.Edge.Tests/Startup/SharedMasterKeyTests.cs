using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Startup;

/// <summary>Edges on one PostgreSQL have separate data directories but must share one master key.</summary>
public sealed class SharedMasterKeyTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private static readonly string Old = KeyOf(1);
    private static readonly string New = KeyOf(2);

    [PostgresFact]
    public async Task An_edge_with_another_master_key_is_refused_and_rotation_changes_the_databases_key()
    {
        await StartAsync(Old);
        await AssertRefusedAsync(New);

        // An edge that would generate its own master key is refused too.
        await AssertRefusedAsync("");

        await StartAsync($"{New},{Old}");
        await StartAsync(New);
        await AssertRefusedAsync(Old);
    }

    private static string KeyOf(byte value) => Convert.ToBase64String(Enumerable.Repeat(value, 32).ToArray());

    private async Task StartAsync(string masterKey) => await (await RunningEdge.StartAsync([.. database.Settings, $"Secrets:MasterKey={masterKey}"])).DisposeAsync();

    private async Task AssertRefusedAsync(string masterKey)
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(() => StartAsync(masterKey));
        Assert.Contains("Give every edge on this database the same Secrets:MasterKey", refusal.Message, StringComparison.Ordinal);
    }
}
