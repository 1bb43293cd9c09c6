namespace Cencori.Edge.Admin.SignIn;

/// <summary>Ways to sign in to the dashboard. Section <c>Dashboard</c>.</summary>
public sealed class SignInOptions
{
    public const string Section = "Dashboard";

    /// <summary>Whether the admin token opens the dashboard. Default true. False needs OpenID Connect. The administration API accepts the token in any case.</summary>
    public bool TokenSignIn { get; set; } = true;
}
