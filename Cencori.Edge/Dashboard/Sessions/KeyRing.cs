using System.Xml.Linq;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard.Sessions;

/// <summary>
/// Stores the keys of ASP.NET data protection in the database, so that every edge accepts forms that another edge has rendered. The stored keys are sealed
/// under the master key.
/// </summary>
internal sealed class KeyRing(IDbContextFactory<EdgeDbContext> contexts, SecretSealer sealer) : IXmlRepository, IConfigureOptions<KeyManagementOptions>
{
    private const string Owner = "dashboard/data-protection";

    public void Configure(KeyManagementOptions options)
    {
        options.XmlRepository = this;

        // KeyRing seals the stored keys, so this encryptor changes nothing. Without an encryptor the framework would warn about plain text.
        options.XmlEncryptor = new NullXmlEncryptor();
    }

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var database = contexts.CreateDbContext();

        // Skips keys that were sealed under a master key that this edge does not have. If none is left, the framework creates a new key.
        return [.. database.RingKeys.AsNoTracking().ToList().Where(row => sealer.HasKey(row.SealKeyId)).Select(row => XElement.Parse(sealer.Open(row.SealedXml, row.SealKeyId, Owner)))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var database = contexts.CreateDbContext();
        var isFirst = !database.RingKeys.Select(row => row.SealKeyId).Distinct().AsEnumerable().Any(sealer.HasKey);
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
            // Another edge has stored a key at the same time. The framework then reads that key.
        }
    }
}
