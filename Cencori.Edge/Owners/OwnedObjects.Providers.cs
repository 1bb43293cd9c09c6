using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Owners;

public sealed partial class OwnedObjects
{
    /// <summary>Which of these providers has it, whether it is open or not; null: none, or it cannot be read now.</summary>
    public async Task<string?> FindProviderAsync(string projectId, KeyEnvironment environment, string objectId, IReadOnlyList<string> providers) =>
        IsAway ? null : (await TryAsync(database => database.OwnedObjects.AsNoTracking()
            .Where(owned => owned.ProjectId == projectId && providers.Contains(owned.Provider) && owned.Environment == environment && owned.ObjectId == objectId)
            .OrderByDescending(owned => owned.CreatedAt).Select(owned => owned.Provider).FirstOrDefaultAsync())).Result;
}
