using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Dashboard;

/// <summary>Settings of the pages below <c>/dashboard</c>.</summary>
public sealed class DashboardOptions
{
    public const string Section = "Dashboard";

    /// <summary>The path of the pages.</summary>
    public const string Path = EndpointTable.Dashboard;

    /// <summary>Enables the dashboard. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The URL at which people open the dashboard, such as <c>https://edge-admin.example.com</c>. The sign-in provider sends them back to it.
    /// Default: the host that the browser asked for.
    /// </summary>
    public string? PublicUrl { get; set; }
}
