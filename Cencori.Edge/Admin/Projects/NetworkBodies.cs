using System.Text.Json.Serialization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Projects;

/// <summary>The body that replaces from where a project's keys may be used. Both must be there: a list that is left out must not silently become none.</summary>
public sealed record NetworkingReplacement
{
    public required AccessMode AccessMode { get; init; }

    /// <summary>At most 100 networks or addresses. Kept, and not looked at, where the mode is public.</summary>
    public required List<string> AllowedCidrs { get; init; }
}

/// <param name="AccessMode">Whether the list is looked at.</param>
/// <param name="AllowedCidrs">Each once, as a network.</param>
public sealed record NetworkingView(AccessMode AccessMode, List<string> AllowedCidrs)
{
    /// <summary>What somebody should know who has set it; null: nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Warning => (AccessMode, AllowedCidrs.Count) == (AccessMode.Restricted, 0)
        ? "The list is empty and access is restricted: every request with a key of this project is refused."
        : null;

    public static NetworkingView Of(ProjectRecord row) => new(row.AccessMode, row.AllowedCidrs);
}
