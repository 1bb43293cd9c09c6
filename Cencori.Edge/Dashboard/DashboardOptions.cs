using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Dashboard;

/// <summary>The pages below <c>/dashboard</c>.</summary>
public sealed class DashboardOptions
{
    public const string Section = "Dashboard";

    /// <summary>Where its pages are.</summary>
    public const string Path = EndpointTable.Dashboard;

    /// <summary>Whether there are any. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The address at which people open the dashboard, such as <c>https://edge-admin.example.com</c>: what a sign-in provider sends them back to.
    /// Default: what their browser asked for.
    /// </summary>
    public string? PublicUrl { get; set; }
}
