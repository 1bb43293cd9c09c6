using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>Roles in a provider's claim.</summary>
internal static class OpenIdRoles
{
    /// <summary>The highest role among the values; null: no value is a role.</summary>
    public static UserRole? Highest(IEnumerable<string> values, string prefix)
    {
        UserRole? highest = null;
        foreach (var value in values)
        {
            foreach (var role in Enum.GetValues<UserRole>())
            {
                if (string.Equals(value, prefix + role, StringComparison.OrdinalIgnoreCase) && (highest is null || role > highest))
                {
                    highest = role;
                }
            }
        }

        return highest;
    }
}
