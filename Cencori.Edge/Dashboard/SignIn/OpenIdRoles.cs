using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>Finds a user's role in the values of a claim from the OpenID provider.</summary>
internal static class OpenIdRoles
{
    /// <summary>Returns the highest role in the values: <paramref name="prefix"/> followed by a role name. Null: no value is a role.</summary>
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
