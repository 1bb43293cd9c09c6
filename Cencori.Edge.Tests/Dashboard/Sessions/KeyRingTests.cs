using System.Xml.Linq;
using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard.Sessions;

/// <summary>Edges that create the key ring at the same moment create the same one.</summary>
public sealed class KeyRingTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    [Fact]
    public async Task Only_one_of_two_edges_creates_the_first_key_even_after_a_master_key_was_dropped()
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

        // Another edge that has not seen this key would store its own under the same name, fail, and read this one.
        var names = await scene.Edge.ReadAsync(database => database.RingKeys.Where(row => row.SealKeyId == sealer.SealKeyId).Select(row => row.Id).ToListAsync());
        Assert.Equal(["first-" + sealer.SealKeyId, "key-2"], names.Order(StringComparer.Ordinal));
        Assert.Equal(["key-1", "key-2"], ring.GetAllElements().Select(element => element.Value).Order(StringComparer.Ordinal));
    }
}
