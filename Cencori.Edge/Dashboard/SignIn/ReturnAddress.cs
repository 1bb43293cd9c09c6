using System.Diagnostics.CodeAnalysis;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>Checks the URL of the page to open after sign-in. Only pages of the dashboard are allowed (no open redirect).</summary>
public static class ReturnAddress
{
    private const int Longest = 2_000;

    /// <summary>Returns the requested path, or the dashboard's first page if that path is not allowed.</summary>
    public static string Of(string? requested) => IsOurs(requested) ? requested : DashboardOptions.Path;

    /// <summary>True: the path leads to the dashboard. Browsers treat <c>//</c> and <c>/\</c> as the start of another site's URL, and ignore tabs and line breaks in URLs.</summary>
    private static bool IsOurs([NotNullWhen(true)] string? requested)
    {
        if (requested is not { Length: > 0 and <= Longest } || requested.Any(c => c is < ' ' or > '~' or '\\'))
        {
            return false;
        }

        var path = Uri.UnescapeDataString(requested.Split('?', '#')[0]);
        return (path == DashboardOptions.Path || path.StartsWith(DashboardOptions.Path + "/", StringComparison.Ordinal))
            && !path.Contains("//", StringComparison.Ordinal) && !path.Contains('\\') && !path.Split('/').Contains("..") && !path.Any(char.IsControl);
    }
}
