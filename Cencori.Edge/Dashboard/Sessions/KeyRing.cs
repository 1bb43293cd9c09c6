using System.Xml.Linq;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard.Sessions;

/// <summary>
/// Data protection's keys, in the database, so that a form which one edge has shown is taken by all. What is stored is sealed under the master key.
/// </summary>
internal sealed class KeyRing(IDbContextFactory<EdgeDbContext> contexts, SecretSealer sealer) : IXmlRepository, IConfigureOptions<KeyManagementOptions>
{
    private const string Owner = "dashboard/data-protection";

    public void Configure(KeyManagementOptions options)
    {
        options.XmlRepository = this;

        // What is stored is sealed as a whole; without one the framework would warn that it is not.
        options.XmlEncryptor = new NullXmlEncryptor();
    }

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var database = contexts.CreateDbContext();

        // What was sealed under a master key that is gone is of no use, and a new key takes its place.
        return [.. database.RingKeys.AsNoTracking().ToList().Where(row => sealer.Knows(row.SealKeyId)).Select(row => XElement.Parse(sealer.Open(row.SealedXml, row.SealKeyId, Owner)))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var database = contexts.CreateDbContext();
        var isFirst = !database.RingKeys.Select(row => row.SealKeyId).Distinct().AsEnumerable().Any(sealer.Knows);
        database.RingKeys.Add(new RingKeyRecord
        {
            Id = isFirst ? $"first-{sealer.SealKeyId}" : friendlyName,
            SealedXml = sealer.Seal(element.ToString(SaveOptions.DisableFormatting), Owner),
            SealKeyId = sealer.SealKeyId,
        });
        try
        {
            database.SaveChanges();
        }
        catch (DbUpdateException) when (isFirst)
        {
            // Another edge was first, and its key is read after this.
        }
    }
}
