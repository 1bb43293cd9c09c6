namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>Settings for sign-in with OpenID Connect. This sign-in is off without <see cref="Authority"/>.</summary>
public sealed class OpenIdSettings
{
    public const string Section = "Dashboard:OpenIdConnect";

    /// <summary>The provider's issuer, such as <c>https://login.example.com/realms/main</c>. Must be https, or http on localhost.</summary>
    public string? Authority { get; set; }

    /// <summary>The client id of this dashboard at the provider.</summary>
    public string? ClientId { get; set; }

    /// <summary>The client secret. Default: none, for a public client.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>The provider's name on the sign-in page. Default: <c>OpenID Connect</c>.</summary>
    public string DisplayName { get; set; } = "OpenID Connect";

    /// <summary>Requested scopes, separated by spaces. Default: <c>openid profile email</c>.</summary>
    public string Scopes { get; set; } = "openid profile email";

    /// <summary>Users who are always owners: verified e-mail addresses or subjects, separated by commas or spaces. Default: none.</summary>
    public string? Owners { get; set; }

    /// <summary>
    /// Name of a claim whose values are roles: <c>owner</c>, <c>member</c>, <c>viewer</c>. The claim sets the user's role at each sign-in; a user without a role has no access.
    /// Default: none; owners set roles on the page Members.
    /// </summary>
    public string? RoleClaim { get; set; }

    /// <summary>Prefix of roles in that claim, such as <c>edge-</c> in <c>edge-owner</c>. Default: none.</summary>
    public string RolePrefix { get; set; } = "";

    /// <summary>Also reads claims from the provider's userinfo endpoint. Default false.</summary>
    public bool UserInfo { get; set; }

    /// <summary>Uses pushed authorization requests when the provider supports them. Default true.</summary>
    public bool PushedAuthorization { get; set; } = true;

    public bool IsOn => !string.IsNullOrEmpty(Authority);
}
