using System.Xml.Linq;
using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>Edges that begin a key ring at the same moment begin the same one.</summary>
public sealed class KeyRingTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    [Fact]
    public async Task Of_two_edges_one_makes_the_first_key_also_where_the_master_key_has_been_dropped()
    {
        var contexts = scene.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>();
        await using (var database = await contexts.CreateDbContextAsync())
        {
            await database.RingKeys.ExecuteDeleteAsync();
            database.RingKeys.Add(new() { Id = "first", SealedXml = [1], SealKeyId = "feedbeef" });
            await database.SaveChangesAsync();
        }

        var sealer = scene.Edge.Services.GetRequiredService<SecretSealer>();
        var ring = new KeyRing(contexts, sealer);
        foreach (var name in (string[])["key-1", "key-2"])
        {
            ring.StoreElement(new XElement("key", name), name);
        }

        // Another edge that has not seen it either would have stored its own under the same name, and read this one.
        var names = await scene.Edge.ReadAsync(database => database.RingKeys.Where(row => row.SealKeyId == sealer.SealKeyId).Select(row => row.Id).ToListAsync());
        Assert.Equal(["first-" + sealer.SealKeyId, "key-2"], names.Order(StringComparer.Ordinal));
        Assert.Equal(["key-1", "key-2"], ring.GetAllElements().Select(element => element.Value).Order(StringComparer.Ordinal));
    }
}
