using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Dashboard;

/// <summary>Settings of the pages below <c>/dashboard</c>.</summary>
public sealed class DashboardOptions
{
    public const string Section = "Dashboard";

    /// <summary>The URL path of the pages.</summary>
    public const string Path = EndpointTable.Dashboard;

    /// <summary>Enables the dashboard. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The URL at which people open the dashboard, such as <c>https://edge-admin.example.com</c>. The sign-in provider redirects them back to this URL.
    /// Default: the host in the browser's request.
    /// </summary>
    public string? PublicUrl { get; set; }
}
