namespace Cencori.Edge.Admin.SignIn;

/// <summary>Settings for signing in to the dashboard, in the section <c>Dashboard</c> of the configuration.</summary>
public sealed class SignInOptions
{
    public const string Section = "Dashboard";

    /// <summary>
    /// Whether the admin token opens the dashboard. Default true. If false, OpenID Connect must be configured. The administration API always accepts the
    /// token.
    /// </summary>
    public bool TokenSignIn { get; set; } = true;
}
