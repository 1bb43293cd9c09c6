namespace Cencori.Edge.Admin;

/// <summary>Ids of what is made here, which sort by the time of their making.</summary>
public static class Ids
{
    public static string New(string prefix) => $"{prefix}_{Guid.CreateVersion7():N}";
}
