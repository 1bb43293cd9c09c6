using System.Text.Json.Serialization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Projects;

/// <summary>Request body that replaces the networks of a project's keys. Both members are required: an omitted list must not silently become empty.</summary>
public sealed record NetworkingReplacement
{
    public required AccessMode AccessMode { get; init; }

    /// <summary>Allowed networks or addresses, at most 100. If the mode is public, the list is stored but not applied.</summary>
    public required List<string> AllowedCidrs { get; init; }
}

/// <param name="AccessMode">Whether the list of networks is applied.</param>
/// <param name="AllowedCidrs">Allowed networks, without duplicates.</param>
public sealed record NetworkingView(AccessMode AccessMode, List<string> AllowedCidrs)
{
    /// <summary>Warning that the settings refuse every request. Null: no warning.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Warning => (AccessMode, AllowedCidrs.Count) == (AccessMode.Restricted, 0)
        ? "The list is empty and access is restricted: every request with a key of this project is refused."
        : null;

    public static NetworkingView Of(ProjectRecord row) => new(row.AccessMode, row.AllowedCidrs);
}
