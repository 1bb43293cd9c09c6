using System.Text.Json.Serialization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Projects;

/// <summary>Request body that replaces the networks of a project's keys. Both members are required: an omitted list must not silently become empty.</summary>
public sealed record NetworkingReplacement
{
    public required AccessMode AccessMode { get; init; }

    /// <summary>At most 100 networks or addresses. Stored but not applied if the mode is public.</summary>
    public required List<string> AllowedCidrs { get; init; }
}

/// <param name="AccessMode">Whether the list is applied.</param>
/// <param name="AllowedCidrs">Networks, without duplicates.</param>
public sealed record NetworkingView(AccessMode AccessMode, List<string> AllowedCidrs)
{
    /// <summary>Warning about the setting; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Warning => (AccessMode, AllowedCidrs.Count) == (AccessMode.Restricted, 0)
        ? "The list is empty and access is restricted: every request with a key of this project is refused."
        : null;

    public static NetworkingView Of(ProjectRecord row) => new(row.AccessMode, row.AllowedCidrs);
}
