using System.Diagnostics.CodeAnalysis;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>Where a browser goes after it has signed in: a page of the dashboard, and never what a link to the sign-in says else.</summary>
public static class ReturnAddress
{
    private const int Longest = 2_000;

    /// <summary>The address, or the dashboard's first page in its place.</summary>
    public static string Of(string? asked) => IsOurs(asked) ? asked : DashboardOptions.Path;

    /// <summary>Browsers take <c>//</c> and <c>/\</c> for the beginning of another site's address, and pass over tabs and line breaks while they look for it.</summary>
    private static bool IsOurs([NotNullWhen(true)] string? asked)
    {
        if (asked is not { Length: > 0 and <= Longest } || asked.Any(c => c is < ' ' or > '~' or '\\'))
        {
            return false;
        }

        var path = Uri.UnescapeDataString(asked.Split('?', '#')[0]);
        return (path == DashboardOptions.Path || path.StartsWith(DashboardOptions.Path + "/", StringComparison.Ordinal))
            && !path.Contains("//", StringComparison.Ordinal) && !path.Contains('\\') && !path.Split('/').Contains("..") && !path.Any(char.IsControl);
    }
}
