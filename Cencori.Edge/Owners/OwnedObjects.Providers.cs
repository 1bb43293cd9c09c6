using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Owners;

public sealed partial class OwnedObjects
{
    /// <summary>Finds which of these providers has the object, and with which credential, whether or not the cost of the object is already counted.
    /// Null: none of them, or the database cannot be read now.</summary>
    public async Task<StoredOwner?> FindOwnerAsync(string projectId, KeyEnvironment environment, string objectId, IReadOnlyList<string> providers) =>
        IsUnavailable ? null : (await TryAsync(database => database.OwnedObjects.AsNoTracking()
            .Where(owned => owned.ProjectId == projectId && providers.Contains(owned.Provider) && owned.Environment == environment && owned.ObjectId == objectId)
            .OrderByDescending(owned => owned.CreatedAt).Select(owned => new StoredOwner(owned.Provider, owned.CredentialId)).FirstOrDefaultAsync())).Result;
}
