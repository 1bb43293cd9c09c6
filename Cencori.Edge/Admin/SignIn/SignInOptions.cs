namespace Cencori.Edge.Admin.SignIn;

/// <summary>Ways into the dashboard.</summary>
public sealed class SignInOptions
{
    public const string Section = "Dashboard";

    /// <summary>
    /// Whether the admin token opens pages. Default true. False needs OpenID Connect, and leaves the administration API to the token as before.
    /// </summary>
    public bool TokenSignIn { get; set; } = true;
}
