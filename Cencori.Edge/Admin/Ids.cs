namespace Cencori.Edge.Admin;

/// <summary>Generates ids of new objects. The ids sort by creation time.</summary>
public static class Ids
{
    public static string New(string prefix) => $"{prefix}_{Guid.CreateVersion7():N}";
}
