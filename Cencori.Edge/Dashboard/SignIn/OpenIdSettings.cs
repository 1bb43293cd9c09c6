namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>Sign-in to the pages by a provider of OpenID Connect. Without <see cref="Authority"/> there is none.</summary>
public sealed class OpenIdSettings
{
    public const string Section = "Dashboard:OpenIdConnect";

    /// <summary>The provider's issuer, such as <c>https://login.example.com/realms/main</c>. https, or http on this machine.</summary>
    public string? Authority { get; set; }

    /// <summary>As which the provider knows this dashboard.</summary>
    public string? ClientId { get; set; }

    /// <summary>Default: none, for a client that the provider has registered as a public one.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>What the provider is called on the sign-in page. Default: <c>OpenID Connect</c>.</summary>
    public string DisplayName { get; set; } = "OpenID Connect";

    /// <summary>Separated by spaces.</summary>
    public string Scopes { get; set; } = "openid profile email";

    /// <summary>E-mail addresses that the provider has verified, or subjects, separated by commas or spaces: whoever has one is an owner.</summary>
    public string? Owners { get; set; }

    /// <summary>
    /// A claim whose values are roles: <c>owner</c>, <c>member</c>, <c>viewer</c>. It decides at each sign-in, and whoever has none of them has no access.
    /// Default: roles are given on the page Members.
    /// </summary>
    public string? RoleClaim { get; set; }

    /// <summary>What stands before a role in the values of that claim, as in <c>edge-owner</c>. Default: nothing.</summary>
    public string RolePrefix { get; set; } = "";

    /// <summary>Whether the provider is asked for more than the id token says, at its userinfo endpoint. Default false.</summary>
    public bool UserInfo { get; set; }

    /// <summary>Whether pushed authorization requests are used where the provider offers them. Default true.</summary>
    public bool PushedAuthorization { get; set; } = true;

    public bool IsOn => !string.IsNullOrEmpty(Authority);
}
