namespace Cencori.Edge.Egress;

/// <summary>Compares the servers of URLs.</summary>
internal static class ServerAddress
{
    /// <summary>True if both URLs have the same scheme, host and port. Only then may a secret that was stored for one of them be sent to the other.</summary>
    public static bool IsSame(string? one, string? other) =>
        one == other || (one is not null && other is not null && new Uri(one).GetLeftPart(UriPartial.Authority) == new Uri(other).GetLeftPart(UriPartial.Authority));
}
