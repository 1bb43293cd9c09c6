namespace Cencori.Edge.Admin;

/// <summary>Ids of new objects. They sort by creation time.</summary>
public static class Ids
{
    public static string New(string prefix) => $"{prefix}_{Guid.CreateVersion7():N}";
}
